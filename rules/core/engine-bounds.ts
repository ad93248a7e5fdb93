/** How much an engine takes on. */

/** Instances of one rule on one device (cards refused at one gate) that are followed at the same time. */
export const INSTANCES_MAX = 2_000;
/** Alarms that follow from alarms, one after the other, before it is called a circle. */
export const CONSEQUENCES_MAX = 100_000;
