/** Kinds of tasks, and the interface by which users add their own. */
@NullMarked
package dev.batuta.task;

import org.jspecify.annotations.NullMarked;
