/**
 * `softdirty plan`: what a migration, checkpoints or a fork would cost.
 *
 * @module
 */

import { Command } from "@commander-js/extra-typings";
import { planCheckpointCommand } from "./plan_checkpoint.ts";
import { planForkCommand } from "./plan_fork.ts";
import { planMigrateCommand } from "./plan_migrate.ts";

/** Builds the command. */
export function planCommand() {
  return new Command("plan")
    .description("forecast what a live migration, checkpoints or a fork would cost")
    .addCommand(planMigrateCommand())
    .addCommand(planCheckpointCommand())
    .addCommand(planForkCommand());
}
