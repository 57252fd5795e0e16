import { z } from "zod";
import type { Actor } from "../incident/person.ts";

export const PersonRow = z.object({
  surface: z.enum(["slack", "discord", "console"]),
  workspace: z.string(),
  id: z.string(),
  name: z.string(),
});

export const ActorRow: z.ZodType<Actor> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("person"), person: PersonRow }),
  z.object({ kind: z.literal("alert"), source: z.string() }),
  z.object({ kind: z.literal("bot") }),
]);
