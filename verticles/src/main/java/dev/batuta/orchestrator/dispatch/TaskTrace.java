package dev.batuta.orchestrator.dispatch;

/**
 * Where a task is in a trace; the tasks of a submission share one.
 *
 * @param traceparent the place of its submission, as the header of that name says it
 * @param acceptedAtMillis when it was accepted, in milliseconds since 1970
 */
public record TaskTrace(String traceparent, long acceptedAtMillis) {}
