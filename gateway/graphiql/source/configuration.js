/** What the server wrote into the page: `{ endpoint, title, defaultHeaders }`; `endpoint` is relative to the page. */
const written = JSON.parse(document.getElementById('graphiql-configuration').textContent);

const endpoint = new URL(written.endpoint, document.location.href);

// The same place with the socket's scheme: TLS, ports and path prefixes follow from where the page was found.
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:';

export const endpointUrl = endpoint.href;
export const socketUrl = socket.href;
export const title = written.title;

/** Text of the header editor in a fresh tab, or undefined when the server passed no headers. */
export const defaultHeaders = written.defaultHeaders ? JSON.stringify(written.defaultHeaders, null, 2) : undefined;
