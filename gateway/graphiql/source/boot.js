/**
 * Runs before the bundle, as a file of its own: whatever stops GraphiQL from starting is told to the
 * reader instead of leaving "Loading" on the page.
 */
(function () {
  const page = document.documentElement;

  function showFailure(reason) {
    page.dataset.graphiql = 'failed';
    let status = document.getElementById('graphiql-status');
    if (!status) {
      status = document.createElement('p');
      status.id = 'graphiql-status';
      document.body.prepend(status);
    }
    status.setAttribute('role', 'alert');
    status.textContent = 'GraphiQL could not start: ' + reason + '. Reload the page; the GraphQL endpoint itself is not affected.';
  }

  // Once it runs, an error is no longer a failure to start; main.jsx says when, and reports a crash itself.
  function whileStarting(reason) {
    if (page.dataset.graphiql === 'ready') return;
    if (document.body) showFailure(reason);
    else document.addEventListener('DOMContentLoaded', () => showFailure(reason));
  }

  // Failures of <script> and <link> do not bubble, so they are caught on the way down.
  window.addEventListener(
    'error',
    (event) => {
      const file = event.target !== window && (event.target.src || event.target.href);
      whileStarting(file ? 'the file ' + file + ' was not loaded' : event.message);
    },
    true,
  );
  window.addEventListener('unhandledrejection', (event) => {
    whileStarting(String((event.reason && event.reason.message) || event.reason));
  });
  window.graphiqlFailed = showFailure;

  if (!('noModule' in HTMLScriptElement.prototype)) whileStarting('this browser is too old for it');
})();
