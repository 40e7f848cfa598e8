/** `@artemis/cli` is the `artemis` command. Programs that embed a node use `@artemis/server` and `@artemis/web`. */
export {};
