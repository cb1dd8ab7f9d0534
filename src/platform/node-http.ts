/**
 * Node's `http`, which is not imported: an import reads every export there is, among them `WebSocket`, and that one loads
 * an HTTP client, HTTP/2 and TLS. Together they take as long as Node.js itself to start.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http')
