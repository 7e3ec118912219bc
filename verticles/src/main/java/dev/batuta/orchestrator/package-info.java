/** Durable tasks: acceptance, dispatch to workers, outcomes. */
@NullMarked
package dev.batuta.orchestrator;

import org.jspecify.annotations.NullMarked;
