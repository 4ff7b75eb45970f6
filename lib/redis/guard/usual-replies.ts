/** The types of replies that an app's client gives. */
import { propertyOf } from "../../errors/index.js";
import type { RedisCommands } from "../commands.js";

/**
 * The client with the usual types of replies. That is the client itself if the app has set no others, so that whatever
 * the app has put on its methods sees our commands too.
 */
export function withUsualReplies(client: RedisCommands): RedisCommands {
  const isOpaque = "getSentinelNode" in client || "totalClients" in client; // sentinels and pools may not show their settings
  const mapping = propertyOf(propertyOf(client, "_commandOptions"), "typeMapping");
  const isUsual = !isOpaque && Object.getOwnPropertyNames(mapping ?? {}).length === 0;
  return isUsual ? client : client.withTypeMapping({});
}
