/** What a view hands to the session: one output in several forms, of which a frontend takes the best that it can show. */
import type { Json } from "../model/json.ts";

/** A Vega-Lite 5.6.1 specification, as the plain JSON that goes into the notebook. */
export type VegaLiteSpec = Readonly<Record<string, Json>>;

/** MIME type to content, and MIME type to hints for whoever renders it. `image/png` is base64. */
export interface Bundle {
  readonly data: Readonly<Record<string, Json>>;
  readonly metadata: Readonly<Record<string, Json>>;
}

export const VEGA_LITE = "application/vnd.vegalite.v5+json";

/**
 * The forms of one view. Never text/html or application/json beside them: JupyterLab would prefer those to the chart. With
 * `picture`, the PNG too, which code-hosting pages and nbconvert show, and which keeps JupyterLab from drawing its own.
 */
export async function bundleOf(spec: VegaLiteSpec, text: string, options: { readonly picture: boolean }): Promise<Bundle> {
  const data: Record<string, Json> = { [VEGA_LITE]: spec };
  const metadata: Record<string, Json> = { [VEGA_LITE]: { embed_options: { renderer: "svg", actions: false } } };
  if (options.picture) {
    const { drawPng } = await import("./png.ts");
    const picture = await drawPng(spec);
    data["image/png"] = picture.base64;
    metadata["image/png"] = { width: picture.width, height: picture.height };
  }
  data["text/plain"] = text;
  return { data, metadata };
}
