import assert from "node:assert/strict";
import { test } from "node:test";
import type { Person } from "../../../src/incident/person.ts";
import { SurfaceError } from "../../../src/workflow/surface.ts";
import { CARD, startBench } from "./bench.ts";

const OPS = "700000000000000007";
const BEA = "400000000000000004";

test("who has a role is asked of Discord, and a role that was taken away counts for a minute at most", async (context) => {
  const { discord, surface } = await startBench(context);
  const bea: Person = { surface: "discord", workspace: discord.guildId, id: BEA, name: "bea" };
  discord.addMember({ id: BEA, name: "bea", roles: [OPS] });
  assert.equal(await surface.isMember(`role:${OPS}`, bea), true);
  assert.equal(await surface.isMember("role:700000000000000008", bea), false);
  discord.addMember({ id: BEA, name: "bea" });
  discord.advance(60_000);
  assert.equal(await surface.isMember(`role:${OPS}`, bea), false);
});

test("a click tells the roles of that moment", async (context) => {
  const { discord, bot, surface, place } = await startBench(context);
  discord.addMember({ id: BEA, name: "bea", roles: [OPS] });
  const { messageId } = await surface.post(place, CARD, "1-1");
  const bea: Person = { surface: "discord", workspace: discord.guildId, id: BEA, name: "bea" };
  assert.equal(await surface.isMember(`role:${OPS}`, bea), true);
  discord.addMember({ id: BEA, name: "bea" });
  discord.press(messageId, "Deny", { by: BEA });
  await discord.until("the press arrives", () => bot.presses.length > 0);
  assert.equal(await surface.isMember(`role:${OPS}`, bea), false);
});

test("nobody has a role who is not in the server, or is somebody of another platform", async (context) => {
  const { discord, surface } = await startBench(context);
  const gone: Person = {
    surface: "discord",
    workspace: discord.guildId,
    id: "500000000000000005",
    name: "x",
  };
  assert.equal(await surface.isMember(`role:${OPS}`, gone), false);
  discord.addMember({ id: BEA, name: "bea", roles: [OPS] });
  const bea: Person = { surface: "discord", workspace: discord.guildId, id: BEA, name: "bea" };
  assert.equal(await surface.isMember(`role:${OPS}`, { ...bea, surface: "slack" }), false);
  assert.equal(await surface.isMember(`role:${OPS}`, { ...bea, workspace: discord.strangeGuildId }), false);
  assert.equal(await surface.isMember(OPS, bea), false);
});

test("when Discord cannot say, neither do we", async (context) => {
  const { discord, surface } = await startBench(context);
  discord.goDown();
  const bea: Person = { surface: "discord", workspace: discord.guildId, id: BEA, name: "bea" };
  await assert.rejects(surface.isMember(`role:${OPS}`, bea), SurfaceError);
});
