import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  { ignores: ['node_modules/', 'cdk.out/', 'runs/', 'coverage/'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: 250 }],
      eqeqeq: 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  { files: ['test/**'], rules: { 'max-lines': ['error', { max: 400 }] } },
  {
    // Test files share modules, and a hook belongs to the first of them alone: `onTestFinished` to each.
    files: ['test/**'],
    ignores: ['test/**/*.test.ts', 'test/**/*.browser.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { name: 'vitest', importNames: ['afterAll', 'afterEach', 'beforeAll', 'beforeEach'] },
      ],
    },
  },
  { files: ['*.js'], extends: [tseslint.configs.disableTypeChecked] },
);
