/** Carries operations to the server: queries and mutations by POST, subscriptions by graphql-transport-ws. */
import { getOperationAST, parse } from 'graphql';
import { createClient } from 'graphql-ws';

/**
 * A GraphiQL fetcher. The header editor's headers go with every request, and as the payload of the
 * socket's connection_init. Failures are plain objects, because GraphiQL prints an Error with its stack.
 */
export function createFetcher({ endpointUrl, socketUrl }) {
  return (request, { headers = {} } = {}) => {
    const chosen = chosenOperation(request);
    const operation = { ...request, operationName: chosen ? chosen.name?.value : request.operationName };
    return chosen?.operation === 'subscription'
      ? subscribe(socketUrl, operation, headers)
      : post(endpointUrl, operation, headers);
  };
}

function chosenOperation({ query, operationName }) {
  try {
    const document = parse(query);
    // Just after a change of tabs GraphiQL still passes the name of the tab before.
    return getOperationAST(document, operationName) ?? getOperationAST(document);
  } catch {
    // A document that does not parse is the server's to explain.
    return undefined;
  }
}

async function post(url, operation, headers) {
  let response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/graphql-response+json, application/json;q=0.9',
        ...headers,
      },
      body: JSON.stringify(operation),
    });
  } catch (error) {
    throw { message: `The request did not reach ${url}: ${error.message}` };
  }
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw { message: `The server answered ${response.status} without JSON: ${text.slice(0, 500) || '(empty body)'}` };
  }
}

function subscribe(url, operation, headers) {
  return {
    subscribe({ next, error, complete }) {
      // No retries: a second start from the same document would show events again as if they were new.
      const client = createClient({ url, connectionParams: headers, retryAttempts: 0 });
      const stop = client.subscribe(operation, {
        next,
        complete,
        error: (cause) => error(readable(cause, url)),
      });
      return {
        unsubscribe() {
          stop();
          client.dispose();
        },
      };
    },
  };
}

function readable(cause, url) {
  if (Array.isArray(cause)) return cause;
  if (typeof cause?.code === 'number') {
    return { message: `The server closed the websocket: ${cause.code} ${cause.reason || '(no reason given)'}` };
  }
  return { message: `The websocket ${url} failed: ${cause?.message ?? 'no connection'}` };
}
