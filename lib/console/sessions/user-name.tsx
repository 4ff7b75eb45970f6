/** A user, whoever has chosen the name: it turns nothing beside it around, hides nothing, and is no longer than needed. */
import type { VNode } from "preact";
import { visible } from "../../ops/visible.js";

/** Characters that are shown; what names a person has fewer. */
const most = 500;

/** For a title, which is text alone. */
export function userWords(user: string): string {
  const name = visible(user.slice(0, most));
  return user.length > most ? `${name} …` : name;
}

export function UserName(props: { user: string | undefined; username?: string | undefined }): VNode {
  const { user, username } = props;
  if (user === undefined) return <>–</>;
  if (username === undefined || username === user) return <bdi>{userWords(user)}</bdi>;
  return (
    <>
      <bdi>{userWords(username)}</bdi> (<bdi>{userWords(user)}</bdi>)
    </>
  );
}

/** Whether it is shown as it is, so that somebody may copy it. */
export function isVisible(user: string | undefined): boolean {
  return user !== undefined && userWords(user) === user;
}
