"""The MCP door: tools over the house for programs that speak the Model Context Protocol."""
