// The smallest MCP server that can be measured against: one tool, `echo`, over standard input and
// output. It does no more parsing than it needs, so that a benchmark of the gateway measures the
// gateway. It trusts its peer and is no example of a server.

#define _POSIX_C_SOURCE 200809L  // getline

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char tools[] =
    "{\"tools\":[{\"name\":\"echo\",\"description\":\"Gives back the text.\",\"inputSchema\":"
    "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"}},\"required\":[\"text\"]}}]}";

// The end of the JSON value that starts at `at`: a string, a number or an object.
static const char *end_of_value(const char *at) {
  int depth = 0, quoted = 0;
  for (; *at; at++) {
    if (quoted) {
      if (*at == '\\' && at[1]) at++;
      else if (*at == '"' && (quoted = 0, depth == 0)) return at + 1;
    } else if (*at == '"') {
      quoted = 1;
    } else if (*at == '{' || *at == '[') {
      depth++;
    } else if (*at == '}' || *at == ']') {
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
    } else if (*at == ',' && depth == 0) {
      return at;
    }
  }
  return at;
}

// The value of the member `key` of the object at `line`, at the object's own level.
static const char *member(const char *line, const char *key, size_t *length) {
  const char *at = line + 1;
  size_t key_length = strlen(key);
  while (*at && *at != '}') {
    while (*at == ' ' || *at == ',') at++;
    const char *name = at, *name_end = end_of_value(at);
    at = strchr(name_end, ':');
    if (!at) return NULL;
    for (at++; *at == ' ';) at++;
    const char *value_end = end_of_value(at);
    if ((size_t)(name_end - name) == key_length + 2 && !memcmp(name + 1, key, key_length)) {
      *length = (size_t)(value_end - at);
      return at;
    }
    at = value_end;
  }
  return NULL;
}

static int is(const char *value, size_t length, const char *text) {
  return value && length == strlen(text) + 2 && !memcmp(value + 1, text, length - 2);
}

static void answer(const char *line, const char *identity, size_t identity_length) {
  size_t method_length = 0, length = 0;
  const char *method = member(line, "method", &method_length);
  const char *params = member(line, "params", &length);
  printf("{\"jsonrpc\":\"2.0\",\"id\":%.*s,", (int)identity_length, identity);
  if (is(method, method_length, "initialize") && params) {
    const char *version = member(params, "protocolVersion", &length);
    printf("\"result\":{\"protocolVersion\":%.*s,\"capabilities\":{\"tools\":{}},\"serverInfo\":"
           "{\"name\":\"echo\",\"version\":\"1\"}}}\n",
           version ? (int)length : 12, version ? version : "\"2025-06-18\"");
  } else if (is(method, method_length, "tools/list")) {
    printf("\"result\":%s}\n", tools);
  } else if (is(method, method_length, "tools/call") && params) {
    const char *arguments = member(params, "arguments", &length);
    const char *text = arguments ? member(arguments, "text", &length) : NULL;
    printf("\"result\":{\"content\":[{\"type\":\"text\",\"text\":%.*s}]}}\n",
           text ? (int)length : 2, text ? text : "\"\"");
  } else if (is(method, method_length, "ping")) {
    printf("\"result\":{}}\n");
  } else {
    printf("\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}\n");
  }
  fflush(stdout);
}

int main(void) {
  static char buffer[1 << 20];
  char *line = NULL;
  size_t capacity = 0;
  setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  while (getline(&line, &capacity, stdin) > 0) {
    size_t length = 0;
    const char *identity = line[0] == '{' ? member(line, "id", &length) : NULL;
    size_t method_length = 0;
    if (identity && member(line, "method", &method_length)) answer(line, identity, length);
  }
  free(line);
  return 0;
}
