import type { CodegenConfig } from '@graphql-codegen/cli';

// Beside each x.graphql of the console stands x.generated.ts with its types and
// its parsed documents, so that screens share nothing that two people would edit.
const config: CodegenConfig = {
  schema: '../internal/graph/schema/*.graphqls',
  documents: 'console/**/*.graphql',
  generates: {
    'console/graphql/types.generated.ts': {
      plugins: ['typescript'],
      config: { onlyOperationTypes: true },
    },
    'console/': {
      preset: 'near-operation-file',
      presetConfig: { baseTypesPath: 'graphql/types.generated.ts', extension: '.generated.ts', importTypesNamespace: 'Types' },
      // The imports are there whether they are needed or not, which tsc minds.
      plugins: [{ add: { content: '// @ts-nocheck' } }, 'typescript-operations', 'typed-document-node'],
    },
  },
  config: {
    scalars: { Time: 'string', Seq: 'number' },
    enumsAsTypes: true,
    useTypeImports: true,
    avoidOptionals: { field: true },
    defaultScalarType: 'unknown',
    strictScalars: true,
  },
};

export default config;
