// One JSON object a line on standard output.
export const log = (fields) => console.log(JSON.stringify(fields));
