/** What JSON can say; the shape of event data and of everything that crosses a pipe. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
