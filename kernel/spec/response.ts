/** What a probe answered, as a value: `r.status`, `r.body`, `r.data["id"]`, `r.duration_ms`. */
import type { Response } from "../../model/declaration.ts";
import { fromJson, HostValue } from "../language/index.ts";
import type { Value } from "../language/index.ts";
import { formatDuration } from "../../model/duration.ts";

const NAMES = ["body", "data", "duration_ms", "error", "gave_up", "headers", "ok", "outcome", "status"];

export class ResponseValue extends HostValue {
  override readonly type = "response";
  readonly response: Response;

  constructor(response: Response) {
    super();
    this.response = response;
  }

  override attrNames(): readonly string[] {
    return NAMES;
  }

  override attr(name: string): Value | undefined {
    const { response } = this;
    switch (name) {
      case "status":
        return response.status;
      case "body":
        return response.body;
      case "data":
        return fromJson(response.data);
      case "ok":
        return response.ok;
      case "error":
        return response.error;
      case "duration_ms":
        return Math.round(response.duration_ms);
      case "headers":
        return fromJson(response.headers);
      case "outcome":
        return response.outcome;
      case "gave_up":
        return response.gave_up;
      default:
        return undefined;
    }
  }

  override truth(): boolean {
    return this.response.ok;
  }

  override repr(): string {
    const { status, error, duration_ms } = this.response;
    return `response(${status === 0 ? error : status}, ${formatDuration(duration_ms)})`;
  }
}
