import { createRoot } from 'react-dom/client';

import 'graphiql/style.css';
import './explorer.css';
import { App } from './App.tsx';
import { takeTokenFromAddress } from '../shared/token.ts';

// Before anything is drawn: the token must not stand in the address bar.
takeTokenFromAddress();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(<App />);
