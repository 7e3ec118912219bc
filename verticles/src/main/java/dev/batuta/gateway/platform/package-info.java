/**
 * The door of the task platform: its clients, and its workers, which take part in a server's farm
 * like any other. Begin with {@link dev.batuta.gateway.platform.WorkerConversation}.
 */
@NullMarked
package dev.batuta.gateway.platform;

import org.jspecify.annotations.NullMarked;
