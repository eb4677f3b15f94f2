import js from "@eslint/js";
import globals from "globals";

export default [
    js.configs.recommended,
    {
        linterOptions: { reportUnusedDisableDirectives: "error" },
        rules: {
            eqeqeq: "error",
            "no-var": "error",
            "prefer-const": "error",
            "no-eval": "error",
            "no-implied-eval": "error",
            "no-shadow": ["error", { builtinGlobals: false }],
            complexity: ["error", 16],
            "max-lines-per-function": ["error", { max: 80, skipComments: true }],
        },
    },
    { files: ["**/src/tutorial/page/*.js"], languageOptions: { globals: { ...globals.browser } } },
    { files: ["**/tests/page/*.js"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
