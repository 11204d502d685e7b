/** Who we are, as `kernel_info_reply` says it. */
import { VERSION } from "./version.ts";
import { PROTOCOL_VERSION } from "./wire.ts";

export const KERNEL_INFO = {
  status: "ok",
  protocol_version: PROTOCOL_VERSION,
  implementation: "faultbook",
  implementation_version: VERSION,
  language_info: {
    name: "starlark",
    version: "1",
    mimetype: "text/x-starlark",
    file_extension: ".star",
    pygments_lexer: "starlark",
    // JupyterLab finds an editor mode by this name only; its Python mode reads Starlark.
    codemirror_mode: "python",
    nbconvert_exporter: "script",
  },
  banner: `faultbook ${VERSION}: what happens to a distributed system when its assumptions break`,
  help_links: [],
  // No "kernel subshells": JupyterLab would open one for every comm target.
  supported_features: [],
} as const;
