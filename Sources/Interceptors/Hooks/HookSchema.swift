/// What hooks read and write, as JSON Schemas. `docs/` has the same texts; a test compares them.
public enum HookSchema: String, Sendable, Hashable, CaseIterable {
  /// What a hook is shown.
  case input
  /// What it may answer.
  case output

  /// The schema, without a line break at its end.
  public var text: String {
    switch self {
    case .input: Self.inputText
    case .output: Self.outputText
    }
  }

  private static let inputText = #"""
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "What an interceptor is shown",
      "description": "One JSON object: on stdin (one line), or as the body of a POST.",
      "type": "object",
      "required": ["when", "server", "session", "identity", "client", "callId"],
      "properties": {
        "when": {"enum": ["before", "after"]},
        "server": {"type": "string", "description": "The configured name of the server."},
        "tool": {"type": "string", "description": "The server's own name of the tool; only for calls of tools."},
        "session": {"type": "string", "description": "The client's session, shortened."},
        "identity": {"type": "string", "description": "Whom the transport authenticated."},
        "client": {
          "type": "object",
          "description": "What the client says of itself. Not to be trusted.",
          "required": ["name", "version"],
          "properties": {"name": {"type": "string"}, "version": {"type": "string"}}
        },
        "callId": {"type": "string", "description": "The id of the call in the audit log."},
        "redacted": {
          "type": "array",
          "description": "Paths in this object at which a placeholder stands for a secret.",
          "items": {"type": "string"}
        }
      },
      "oneOf": [
        {
          "title": "Before a call",
          "required": ["method", "params"],
          "properties": {
            "when": {"const": "before"},
            "method": {"$ref": "#/$defs/method"},
            "params": {"type": "object"}
          }
        },
        {
          "title": "After a call: the members of the result, and what is said above",
          "required": ["request"],
          "not": {"required": ["error"]},
          "properties": {
            "when": {"const": "after"},
            "content": {"type": "array", "items": {"type": "object"}},
            "structuredContent": {},
            "isError": {"type": "boolean"},
            "_meta": {"type": "object"},
            "request": {"$ref": "#/$defs/request"},
            "shadowed": {
              "type": "object",
              "description": "Members of the result that are named like those of this schema."
            }
          }
        },
        {
          "title": "After a call that the server answered with an error of JSON-RPC",
          "required": ["request", "error"],
          "properties": {
            "when": {"const": "after"},
            "error": {
              "type": "object",
              "required": ["code", "message"],
              "properties": {"code": {"type": "integer"}, "message": {"type": "string"}, "data": {}}
            },
            "request": {"$ref": "#/$defs/request"}
          }
        }
      ],
      "$defs": {
        "method": {
          "enum": [
            "tools/call", "prompts/get", "resources/read", "completion/complete", "resources/subscribe",
            "resources/unsubscribe", "tasks/get", "tasks/result", "tasks/cancel"
          ]
        },
        "request": {
          "type": "object",
          "required": ["method", "params"],
          "properties": {"method": {"$ref": "#/$defs/method"}, "params": {"type": "object"}}
        }
      }
    }
    """#

  private static let outputText = #"""
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "What an interceptor may answer",
      "description": "Nothing (or white space): go on. Else one JSON object of at most 4 MiB: a decision or a result.",
      "type": "object",
      "oneOf": [
        {
          "title": "Go on, unchanged",
          "required": ["decision"],
          "properties": {
            "decision": {"const": "allow"},
            "reason": {"$ref": "#/$defs/reason"},
            "callId": {"$ref": "#/$defs/callId"}
          },
          "additionalProperties": false
        },
        {
          "title": "Refuse the call, or withhold its result",
          "required": ["decision"],
          "properties": {
            "decision": {"const": "deny"},
            "reason": {"$ref": "#/$defs/reason"},
            "callId": {"$ref": "#/$defs/callId"}
          },
          "additionalProperties": false
        },
        {
          "title": "Before: call with other arguments. After: another result",
          "required": ["decision"],
          "properties": {
            "decision": {"const": "modify"},
            "arguments": {"type": "object", "description": "Before a call of a tool or prompt."},
            "result": {"type": "object", "description": "After a call."},
            "reason": {"$ref": "#/$defs/reason"},
            "callId": {"$ref": "#/$defs/callId"}
          },
          "oneOf": [{"required": ["arguments"]}, {"required": ["result"]}],
          "additionalProperties": false
        },
        {
          "title": "Replace values in arguments, in the result or in the error",
          "required": ["decision", "paths"],
          "properties": {
            "decision": {"const": "redact"},
            "paths": {
              "type": "array",
              "description": "Such as arguments.token, content[*].text or error.message. Each must name something, unless it has a *.",
              "minItems": 1,
              "items": {"type": "string"}
            },
            "replacement": {"description": "Any value; \"[redacted]\" if it is left out."},
            "reason": {"$ref": "#/$defs/reason"},
            "callId": {"$ref": "#/$defs/callId"}
          },
          "additionalProperties": false
        },
        {
          "title": "A result: before a call, the answer in the server's place; after a call, in place of its result",
          "not": {"required": ["decision"]},
          "properties": {
            "content": {
              "type": "array",
              "items": {
                "type": "object",
                "required": ["type"],
                "properties": {"type": {"type": "string"}}
              }
            },
            "isError": {"type": "boolean"},
            "structuredContent": {},
            "callId": {"$ref": "#/$defs/callId"}
          },
          "anyOf": [
            {"required": ["content"]},
            {"required": ["isError"]},
            {"required": ["structuredContent"]},
            {"required": ["messages"]},
            {"required": ["contents"]},
            {"required": ["completion"]},
            {"required": ["taskId"]},
            {"required": ["error"]}
          ]
        }
      ],
      "$defs": {
        "reason": {"type": "string", "description": "For people; that of a denial reaches the client."},
        "callId": {"type": "string", "description": "If it is there, it must be that of the input."}
      }
    }
    """#
}
