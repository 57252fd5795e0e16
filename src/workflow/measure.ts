import type { IntentState } from "../approval/intent.ts";
import type { Intents } from "../approval/intents.ts";
import type { SurfaceName } from "../incident/person.ts";
import type { Bot } from "./surface.ts";

/** Tells each state that an intent reaches. */
export function measureIntents(intents: Intents, onState: (state: IntentState) => void): Intents {
  return {
    ...intents,
    async create(intent, ...rest) {
      const isNew = await intents.create(intent, ...rest);
      if (isNew) onState(intent.state);
      return isNew;
    },
    async decide(key, decision, move, ...rest) {
      const intent = await intents.decide(key, decision, move, ...rest);
      if (intent !== undefined && move.from !== move.to) onState(move.to);
      return intent;
    },
    async move(key, move, ...rest) {
      const intent = await intents.move(key, move, ...rest);
      if (intent !== undefined && !move.from.includes(move.to)) onState(move.to);
      return intent;
    },
  };
}

/** Tells how long a person waited for the first answer. */
export function measureBot(bot: Bot, onAnswer: (surface: SurfaceName, durationMs: number) => void): Bot {
  const timed = async <Answer>(surface: SurfaceName, answer: () => Promise<Answer>): Promise<Answer> => {
    const startedAt = performance.now();
    try {
      return await answer();
    } finally {
      onAnswer(surface, performance.now() - startedAt);
    }
  };
  return {
    ...bot,
    command: (text, from) => timed(from.place.surface, () => bot.command(text, from)),
    press: (press) => timed(press.place.surface, () => bot.press(press)),
  };
}
