// Sends the same requests over many connections as fast as they are answered, with one thread and
// next to no work of its own, so that what is measured is the server.
//
// usage: http-load PORT SECONDS FILE
//        http-load - SECONDS FILE DESCRIPTOR...
// FILE holds one request per connection, each after a line with its length in bytes. Each must be
// answered with 200 and a Content-Length; over descriptors, which are open connections to the output
// of containers, with a line. Prints calls, failures and seconds.

#define _GNU_SOURCE  // memmem

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_connections = 1024, buffer_size = 1 << 20 };

struct connection {
  int socket;
  char *request;
  size_t length;
  size_t received;
  char *buffer;
};

static struct connection connections[most_connections];

static void give_up(const char *what) {
  fprintf(stderr, "http-load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void send_request(struct connection *connection) {
  // A request is small: it fits into the socket's buffer while nothing else is on its way.
  ssize_t sent = send(connection->socket, connection->request, connection->length, MSG_NOSIGNAL);
  if (sent != (ssize_t)connection->length) give_up("cannot send");
}

static int read_requests(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) give_up(path);
  int count = 0;
  size_t length;
  while (count < most_connections && fscanf(file, "%zu", &length) == 1) {
    if (fgetc(file) != '\n') give_up("a line with a length is wrong");
    struct connection *connection = &connections[count++];
    connection->length = length;
    connection->request = malloc(length);
    connection->buffer = malloc(buffer_size);
    if (!connection->request || !connection->buffer) give_up("memory");
    if (fread(connection->request, 1, length, file) != length) give_up("a request is cut short");
  }
  fclose(file);
  return count;
}

static void connect_to(struct connection *connection, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connection->socket = socket(AF_INET, SOCK_STREAM, 0);
  if (connection->socket < 0) give_up("socket");
  if (connect(connection->socket, (struct sockaddr *)&address, sizeof address)) give_up("connect");
  int yes = 1;
  setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

// Frames of an attached output end where their content ends, and no other line is on its way.
static int is_line_answered(struct connection *connection) {
  if (connection->buffer[connection->received - 1] == '\n') return 1;
  return connection->received < buffer_size ? 0 : -1;
}

// 1 when a whole answer is there, 0 when more is to come, -1 when it is not what it should be.
static int is_http_answered(struct connection *connection) {
  char *end = memmem(connection->buffer, connection->received, "\r\n\r\n", 4);
  if (!end) return connection->received < buffer_size ? 0 : -1;
  *end = 0;
  char *field = strcasestr(connection->buffer, "\r\ncontent-length:");
  size_t head = (size_t)(end - connection->buffer) + 4;
  int good = !strncmp(connection->buffer, "HTTP/1.1 200", 12) && field;
  size_t body = field ? strtoul(field + 17, NULL, 10) : 0;
  *end = '\r';
  if (!good) return -1;
  return connection->received == head + body ? 1 : 0;
}

int main(int argc, char **argv) {
  int is_attached = argc > 1 && !strcmp(argv[1], "-");
  if (argc < 4 || (argc > 4 && !is_attached)) {
    fprintf(stderr, "usage: http-load PORT|- SECONDS FILE [DESCRIPTOR...]\n");
    return 2;
  }
  int count = read_requests(argv[3]), queue = epoll_create1(0);
  if (count == 0 || queue < 0) give_up("nothing to do");
  if (is_attached && count != argc - 4) give_up("not as many descriptors as requests");
  for (int index = 0; index < count; index++) {
    if (is_attached) {
      connections[index].socket = atoi(argv[4 + index]);
    } else {
      connect_to(&connections[index], atoi(argv[1]));
    }
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[index]};
    if (epoll_ctl(queue, EPOLL_CTL_ADD, connections[index].socket, &event)) give_up("epoll_ctl");
    send_request(&connections[index]);
  }
  double begin = now(), end = begin + atof(argv[2]);
  long calls = 0, failures = 0;
  int waiting = count;
  while (waiting > 0) {
    struct epoll_event events[64];
    int ready = epoll_wait(queue, events, 64, 30000);
    if (ready == 0 || (ready < 0 && errno != EINTR)) give_up("no answer");
    for (int index = 0; index < ready; index++) {
      struct connection *connection = events[index].data.ptr;
      ssize_t got = recv(
          connection->socket, connection->buffer + connection->received,
          buffer_size - connection->received, 0);
      if (got <= 0) give_up("the connection ended");
      connection->received += (size_t)got;
      int answered = is_attached ? is_line_answered(connection) : is_http_answered(connection);
      if (answered == 0) continue;
      calls++;
      if (answered < 0) {
        if (failures++ == 0)
          fprintf(stderr, "%.*s\n", (int)connection->received, connection->buffer);
      }
      connection->received = 0;
      if (now() < end && answered > 0) {
        send_request(connection);
      } else {
        waiting--;
      }
    }
  }
  printf("%ld %ld %.6f\n", calls, failures, now() - begin);
  return failures > 0;
}
