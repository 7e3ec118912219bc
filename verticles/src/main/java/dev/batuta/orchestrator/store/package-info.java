/** What lasts of tasks: the calls that a term makes of the database. */
@NullMarked
package dev.batuta.orchestrator.store;

import org.jspecify.annotations.NullMarked;
