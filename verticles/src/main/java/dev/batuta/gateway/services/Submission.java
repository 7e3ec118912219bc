package dev.batuta.gateway.services;

import dev.batuta.codec.TaskMessage.NewTask;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that are accepted together or not at all.
 *
 * @param key idempotency key for them all, null without
 */
public record Submission(List<NewTask> tasks, @Nullable String key) {}
