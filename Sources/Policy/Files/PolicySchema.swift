/// The form of policy files for editors (JSON Schema, 2020-12). What it accepts may still be wrong,
/// such as two hooks of one name; a test holds its keys and words beside those of the reader.
public enum PolicySchema {
  public static let text = """
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "$id": "urn:mcp-gateway:policy:1",
      "title": "Policy file of the MCP gateway, version 1",
      "type": "object",
      "additionalProperties": false,
      "required": ["version"],
      "properties": {
        "version": {"const": 1},
        "hooks": {"type": "array", "items": {"$ref": "#/$defs/hook"}}
      },
      "$defs": {
        "hook": {
          "type": "object",
          "additionalProperties": false,
          "required": ["name", "when"],
          "oneOf": [{"required": ["exec"]}, {"required": ["http"]}, {"required": ["docker"]}],
          "properties": {
            "name": {
              "description": "Unique; stands in records and refusals.",
              "type": "string",
              "pattern": "^[A-Za-z0-9._-]{1,64}$"
            },
            "when": {
              "description": "Judges calls before the server, or results after it.",
              "enum": ["before", "after"]
            },
            "exec": {
              "description": "A shell line, or a program and its arguments.",
              "oneOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "minItems": 1, "items": {"type": "string"}}
              ]
            },
            "persistent": {
              "description": "One process judges many calls, a line of JSON each.",
              "type": "boolean"
            },
            "http": {
              "description": "The URL of a service, or that and more.",
              "oneOf": [{"$ref": "#/$defs/url"}, {"$ref": "#/$defs/http"}]
            },
            "docker": {
              "description": "An image and its arguments.",
              "oneOf": [{"type": "string", "minLength": 1}, {"$ref": "#/$defs/docker"}]
            },
            "match": {"$ref": "#/$defs/match"},
            "timeout": {
              "description": "For one call: 500ms, 2s, 1m; at most 10m.",
              "default": "10s",
              "type": ["string", "number"]
            },
            "on-error": {
              "description": "What becomes of a call when the hook fails.",
              "default": "deny",
              "enum": ["deny", "allow"]
            },
            "grants": {"$ref": "#/$defs/grants"}
          }
        },
        "http": {
          "type": "object",
          "additionalProperties": false,
          "required": ["url"],
          "properties": {
            "url": {"$ref": "#/$defs/url"},
            "ca-file": {
              "description": "Certificates (PEM) to trust instead of the system's.",
              "$ref": "#/$defs/path"
            },
            "hmac-key": {
              "description": "Signs requests with HMAC-SHA256.",
              "$ref": "#/$defs/source"
            },
            "headers": {
              "type": "object",
              "additionalProperties": {"$ref": "#/$defs/source"}
            }
          }
        },
        "docker": {
          "type": "object",
          "additionalProperties": false,
          "required": ["image"],
          "properties": {
            "image": {"type": "string", "minLength": 1},
            "arguments": {"type": "array", "items": {"type": "string"}},
            "warm": {
              "description": "A container is started ahead for the next call.",
              "type": "boolean"
            }
          }
        },
        "match": {
          "description": "Which calls it judges; without it, all calls of tools.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "servers": {"$ref": "#/$defs/names"},
            "tools": {"$ref": "#/$defs/names"},
            "methods": {
              "oneOf": [
                {"$ref": "#/$defs/method"},
                {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/method"}}
              ]
            }
          }
        },
        "method": {
          "enum": [
            "tools/call", "prompts/get", "resources/read", "completion/complete",
            "resources/subscribe", "resources/unsubscribe", "tasks/get", "tasks/result",
            "tasks/cancel"
          ]
        },
        "grants": {
          "description": "What the hook may do beyond judging.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "read": {"type": "array", "items": {"$ref": "#/$defs/path"}},
            "write": {"type": "array", "items": {"$ref": "#/$defs/path"}},
            "network": {"type": "boolean"},
            "environment": {
              "description": "Variables of the gateway's environment.",
              "type": "array",
              "items": {"$ref": "#/$defs/variable"}
            },
            "secret-values": {
              "description": "It sees secrets that were found, and not marks in their place.",
              "type": "boolean"
            }
          }
        },
        "names": {
          "description": "A name, or names; * stands for any characters.",
          "oneOf": [
            {"type": "string", "minLength": 1},
            {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}
          ]
        },
        "source": {
          "description": "Where a secret comes from: never the secret itself.",
          "type": "object",
          "additionalProperties": false,
          "minProperties": 1,
          "maxProperties": 1,
          "properties": {
            "environment": {"$ref": "#/$defs/variable"},
            "file": {"$ref": "#/$defs/path"}
          }
        },
        "url": {"type": "string", "pattern": "^(https?|unix|http\\\\+unix)://"},
        "path": {"type": "string", "pattern": "^/"},
        "variable": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}
      }
    }
    """
}
