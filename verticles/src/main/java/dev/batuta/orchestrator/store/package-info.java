/**
 * What lasts of tasks: the calls that a term makes of the database. A method of a store calls the
 * procedure of its name ({@code cancel}: {@code cancel_task}), one transaction in one call.
 *
 * <p><b>A term</b> is a row of {@code term}; {@code first} is its number {@code << 32}, {@code
 * last} the highest id that it may have given. The ids between are its tasks. {@code settled_to}
 * says how far it is compacted: up to there every task has ended and is counted, or is a row of
 * {@code straggler}. {@code carrier} is the term that adopted it.
 *
 * <pre>
 *   open_queue_after: settled_to = first, dispatched_to = first, carrier = itself
 *        |
 *        v
 *   IN FORCE   queue.term = term           accept, noteDispatching, complete, giveUp, cancel, retry
 *        |                                 compact_tasks: settled_to goes up, by ranges
 *        |                                 note_drained: dispatched_to = first, dispatched_kind empty
 *        |                                 retention: what is compacted and old is deleted
 *        |
 *        |  open_queue_after of the same server, take_queue, or give_away_queue: queue.term is another
 *        v
 *   OVER       carrier &lt;&gt; the term in force of its server; whoever writes under it is FENCED
 *        |                                                        (guard_term, error 30001)
 *        |  by open_queue_after and adopt_terms of the server that has it now, T being in force there:
 *        |
 *        |    1 compact_old_term           settled_to -&gt; last; all that is unended is a straggler
 *        |    2 give_up_dispatched_scopes  dispatched_kind -&gt; empty      needs 1
 *        |    3 give_up_dispatched         dispatched_to -&gt; first        needs 1 and 2
 *        |         (2 and 3: attempt + 1 of every straggler that may have been sent, or DEAD)
 *        |    4 count_stragglers           counted_to -&gt; last, then carrier = T
 *        |                                                              needs 1, 2 and 3
 *        |    adopt_empty_terms            carrier = T at once where 1 and 3 are through
 *        |                                 and no straggler is left
 *        v
 *   ADOPTED    carrier = T                 unfinished, cancel, retry, retention; what T sends of it
 *        |                                 is noted in its own dispatched_to and dispatched_kind
 *        |
 *        +--&gt; OVER, when T is: the next term in force begins at 1, and finds most of it done
 * </pre>
 *
 * <p>Every step is a transaction of its own under T, and where it is cut off, whoever comes next
 * goes on: the columns say where. A step looks at {@code carrier} with a lock, so that one that was
 * repeated, and comes late, finds the term adopted and leaves it alone.
 *
 * <p><b>A take-over</b> is what happens to a row of {@code queue}. {@code vacant} is a term that
 * nobody works under: compacted to its last id and its own carrier, so that it is empty for good.
 *
 * <pre>
 *   (no row) --open_queue_after--&gt; OPEN   heir null, term in force
 *                                   |  ^
 *          take_queue, under the    |  |  open_queue_after: heir null, a new term in force. What the
 *          epoch, when the server   |  |  heir was given stays the heir's; the server adopts its
 *          is dead and the heir     |  |  vacant term.
 *          lives and is OPEN        v  |
 *                                  TAKEN  heir = the heir, term = vacant;
 *                                         term.server = the heir for all terms before
 *
 *   OPEN --give_away_queue, under its own term, when the heir lives and is OPEN--&gt; VACANT
 *        --the same, when not--&gt; OPEN, drained: dispatched_to = first, dispatched_kind empty
 *
 *   VACANT  as TAKEN, but heir null   --open_queue_after--&gt; OPEN
 *                                     --take_queue--&gt; TAKEN
 * </pre>
 *
 * <p>A server is dead when its lease is released, silent for too long, without its connection, or
 * not there ({@code look_for_death}). The heir hears of it, or looks ({@code standing}: it has more
 * terms than it has adopted), and adopts: {@code adopt_terms} under its term in force.
 */
@NullMarked
package dev.batuta.orchestrator.store;

import org.jspecify.annotations.NullMarked;
