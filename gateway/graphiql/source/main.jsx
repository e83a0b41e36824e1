import { useEffect } from 'react';
import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import { useMonaco } from '@graphiql/react';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import '@graphiql/plugin-explorer/style.css';
import 'graphiql/graphiql.css';
import './page.css';
import { defaultHeaders, endpointUrl, socketUrl, title } from './configuration.js';
import { createFetcher } from './fetcher.js';
import { defaultTabs } from './tabs.js';

// The build replaces WORKERS by the hashed file names; they lie beside this file.
self.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(new URL(WORKERS[label] ?? WORKERS.editor, import.meta.url), { name: label }),
};

const fetcher = createFetcher({ endpointUrl, socketUrl });
const plugins = [HISTORY_PLUGIN, explorerPlugin({ showAttribution: false })];

function Page() {
  const monaco = useMonaco((state) => state.monaco);
  useEffect(() => {
    if (monaco) document.documentElement.dataset.graphiql = 'ready';
  }, [monaco]);
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      defaultHeaders={defaultHeaders}
      defaultTabs={defaultTabs.map((query) => ({ query, headers: defaultHeaders }))}
      defaultEditorToolsVisibility="headers"
      // Credentials stay out of the browser's storage; the page brings the default ones each time.
      shouldPersistHeaders={false}
      inputValueDeprecation
      schemaDescription
    >
      <GraphiQL.Logo>
        <span className="trigraph-name">{title}</span>
      </GraphiQL.Logo>
    </GraphiQL>
  );
}

// Without its style sheet the page would be worse than the message that says so.
if (document.documentElement.dataset.graphiql !== 'failed') {
  createRoot(document.getElementById('graphiql'), {
    onUncaughtError: (error) => window.graphiqlFailed(error.message),
  }).render(<Page />);
}
