/**
 * Starts the kernel as its parent and stays: `launcher.ts parent CONNECTION_FILE`. With `server` it stands for a Jupyter server
 * that starts it through a launcher script, and names itself in JPY_PARENT_PID. Tests kill it and see what the kernel does.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";

const [role, file = ""] = process.argv.slice(2);
const main = join(import.meta.dirname, "../../../kernel/jupyter/main.ts");
if (role === "server") {
  // The shell waits for the kernel, so it is the kernel's parent, and survives us.
  const script = '"$0" "$1" "$2"; exit $?';
  spawn("/bin/sh", ["-c", script, process.execPath, main, file], {
    env: { ...process.env, JPY_PARENT_PID: String(process.pid) },
    stdio: "inherit",
  });
} else {
  spawn(process.execPath, [main, file], { stdio: "inherit" });
}
