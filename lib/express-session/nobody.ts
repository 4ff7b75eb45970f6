/** Not the id of any session: a store that is asked for it, and has an answer, works. */
export const nobody = "holdfast-health-check";
