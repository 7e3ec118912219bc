package dev.batuta.simulation.dispatch;

import dev.batuta.codec.TaskMessage.State;
import dev.batuta.orchestrator.store.TaskStore.AdoptedTerm;
import dev.batuta.orchestrator.store.TaskStore.Opened;
import dev.batuta.orchestrator.store.TaskStore.Standing;
import dev.batuta.simulation.dispatch.StoreModel.Queue;
import dev.batuta.simulation.dispatch.StoreModel.Row;
import dev.batuta.simulation.dispatch.StoreModel.Term;
import dev.batuta.task.TaskId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Opening, taking and adopting queues: what is old is worked through in several transactions. */
final class QueueProcedures {
  /** So many attempts are given up in one transaction; the database does more of them at once. */
  private static final int GIVEN_UP_AT_ONCE = 20;

  private final StoreModel model;

  QueueProcedures(StoreModel model) {
    this.model = model;
  }

  /** A new term in force, which adopts those before it. */
  Transactions<Opened> open(String server) {
    return new Transactions<>() {
      private @Nullable Adopting adopting;

      @Override
      public boolean commit() {
        if (adopting == null) {
          adopting = new Adopting(server, begin(server));
          return true;
        }
        return adopting.commit();
      }

      @Override
      public Opened answer() {
        Adopting done = Objects.requireNonNull(adopting);
        return new Opened(done.term, done.answer());
      }
    };
  }

  private long begin(String server) {
    Term term = newTerm(server);
    Queue queue = model.queues.computeIfAbsent(server, none -> new Queue());
    queue.heir = null;
    queue.term = term.number;
    return term.number;
  }

  private Term newTerm(String server) {
    Term term = new Term(model.terms.isEmpty() ? 1 : model.terms.lastKey() + 1, server);
    model.terms.put(term.number, term);
    return term;
  }

  /** The term in force adopts what its server has been given, and goes on. */
  Transactions<List<AdoptedTerm>> adopt(String server, long term) {
    return new Adopting(server, term);
  }

  private final class Adopting implements Transactions<List<AdoptedTerm>> {
    private final String server;
    private final long term;

    Adopting(String server, long term) {
      this.server = server;
      this.term = term;
    }

    @Override
    public boolean commit() {
      model.guard(server, term);
      Term old = next();
      if (old == null) {
        return false;
      }
      if (old.dispatchedTo > TaskId.of(old.number, 0)) {
        giveUpDispatched(old);
      } else {
        old.counts = countsOf(old);
        old.carrier = term;
      }
      return next() != null;
    }

    private @Nullable Term next() {
      return model.terms.values().stream()
          .filter(old -> old.server.equals(server) && old.carrier != term)
          .findFirst()
          .orElse(null);
    }

    /** From the highest id down, a few at a time. */
    private void giveUpDispatched(Term old) {
      List<Row> dispatched =
          model
              .rowsOf(old.number)
              .filter(row -> row.ended == null && row.id <= old.dispatchedTo)
              .filter(row -> row.task.notBeforeMillis() < model.now.getAsLong() + 60_000)
              .toList()
              .reversed();
      List<Row> some = dispatched.stream().limit(GIVEN_UP_AT_ONCE).toList();
      if (model.mutation != Mutation.TAKEN_ATTEMPTS_GO_ON) {
        some.forEach(row -> model.giveUp(row, "the server that ran it is gone", term));
      }
      old.dispatchedTo =
          some.size() == dispatched.size() ? TaskId.of(old.number, 0) : some.getLast().id - 1;
    }

    private Map<State, Long> countsOf(Term old) {
      Map<State, Long> counts = Term.counts();
      model.rowsOf(old.number).forEach(row -> counts.merge(row.state(), 1L, Long::sum));
      return counts;
    }

    /** The term in force first. */
    @Override
    public List<AdoptedTerm> answer() {
      List<AdoptedTerm> all = new ArrayList<>();
      for (Term each : model.terms.values()) {
        if (each.server.equals(server) && each.carrier == term) {
          Map<State, Long> counts = new EnumMap<>(each.counts);
          if (model.mutation == Mutation.ADOPTIONS_ARE_FORGOTTEN && each.number != term) {
            counts = Term.counts();
          }
          all.add(each.number == term ? 0 : all.size(), new AdoptedTerm(each.number, counts));
        }
      }
      return all;
    }
  }

  Standing standing(String server) {
    Queue queue = model.queues.get(server);
    if (queue == null) {
      return new Standing(0, 0, List.of());
    }
    long terms = model.terms.values().stream().filter(term -> term.server.equals(server)).count();
    List<String> heirOf =
        model.queues.entrySet().stream()
            .filter(each -> server.equals(each.getValue().heir))
            .map(Map.Entry::getKey)
            .toList();
    return new Standing(queue.term, terms, heirOf);
  }

  /** Takes a queue away, whatever its server thinks of it; false when there is nothing to take. */
  boolean take(String server, String heir) {
    Queue queue = model.queues.get(server);
    Queue to = model.queues.get(heir);
    if (queue == null || queue.heir != null || to == null || to.heir != null || to == queue) {
      return false;
    }
    queue.heir = heir;
    move(server, queue, heir);
    return true;
  }

  private void move(String server, Queue queue, String heir) {
    Term end = newTerm(server);
    queue.term = end.number;
    for (Term term : model.terms.values()) {
      if (term.server.equals(server) && term != end) {
        term.server = heir;
      }
    }
  }

  /** Gives the tasks of a server that lives away; false when there is nobody to have them. */
  boolean giveAway(String server, long term, String heir) {
    boolean careless = model.mutation == Mutation.GIVEN_UNDER_AN_OLD_TERM;
    if (!careless) {
      model.guard(server, term);
    }
    Queue queue = Objects.requireNonNull(model.queues.get(server));
    model.voidDispatched(server, careless ? queue.term : term);
    Queue to = model.queues.get(heir);
    if (to == null || to.heir != null || to == queue) {
      return false;
    }
    move(server, queue, heir);
    return true;
  }
}
