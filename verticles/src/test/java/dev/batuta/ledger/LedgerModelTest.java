package dev.batuta.ledger;

import static dev.batuta.database.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.Custom;
import dev.batuta.codec.TaskMessage.External;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.codec.WorkerMessage.Assignment;
import dev.batuta.codec.WorkerMessage.Outcome;
import dev.batuta.database.TestDatabase;
import dev.batuta.orchestrator.store.MySqlTaskStore;
import dev.batuta.orchestrator.store.TaskStore;
import dev.batuta.task.TaskId;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ledger in the database against one that is three lines of Java, on random batches. */
final class LedgerModelTest {
  private static final BigDecimal LIMIT = new BigDecimal("99999999999999999.99");
  private static final List<String> AMOUNTS =
      List.of("0.01", "1", "10.5", "60", "100", "99999999999999999.99", "50000000000000000");
  private static final TestDatabase DATABASE = TestDatabase.fresh();

  private final LedgerStore ledger = new MySqlLedgerStore(DATABASE.database());
  private final TaskStore tasks = new MySqlTaskStore(DATABASE.database());

  @AfterAll
  static void close() {
    DATABASE.close();
  }

  /** Accounts with their overdrafts, and the verdict on one task after the other. */
  private static final class Model {
    final Map<String, BigDecimal> balances = new HashMap<>();
    final Map<String, BigDecimal> overdrafts = new HashMap<>();

    /** The status and the balance after it, as one text. */
    String apply(Payload payload) {
      return switch (payload) {
        case Query(var user) -> verdict(balances.containsKey(user), user);
        case Update(var user, var operation, var text) -> {
          BigDecimal before = balances.get(user);
          if (before == null) {
            yield verdict(false, user);
          }
          BigDecimal amount = new BigDecimal(text);
          BigDecimal after =
              switch (operation) {
                case SET -> amount;
                case DEPOSIT -> before.add(amount);
                case WITHDRAW -> before.subtract(amount);
              };
          boolean spent =
              operation == Operation.WITHDRAW
                  && after.compareTo(Objects.requireNonNull(overdrafts.get(user)).negate()) < 0;
          boolean right = !spent && after.compareTo(LIMIT) <= 0;
          if (right) {
            balances.put(user, after.setScale(2));
          }
          yield verdict(right, user);
        }
        case Transfer(var from, var to, var text) -> {
          BigDecimal before = balances.get(from);
          BigDecimal other = balances.get(to);
          if (before == null || other == null) {
            yield verdict(false, from);
          }
          BigDecimal amount = new BigDecimal(text);
          BigDecimal after = before.subtract(amount);
          boolean right =
              after.compareTo(Objects.requireNonNull(overdrafts.get(from)).negate()) >= 0
                  && other.add(amount).compareTo(LIMIT) <= 0;
          if (right) {
            balances.put(from, after.setScale(2));
            balances.put(to, other.add(amount).setScale(2));
          }
          yield verdict(right, from);
        }
        case Compute _, External _, Custom _ -> throw new AssertionError("not the ledger's");
      };
    }

    private String verdict(boolean right, String user) {
      return (right ? Status.OK : Status.NOK) + " " + balances.get(user);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyBatchEndsAsInTheModel(long seed) {
    Random random = new Random(seed);
    String server = "server-" + UUID.randomUUID();
    long term = await(tasks.open(server)).term();
    Model model = new Model();
    List<String> users = new ArrayList<>(List.of("nobody"));
    for (int i = 0; i < 4; i++) {
      String user = "m" + i + "-" + UUID.randomUUID();
      BigDecimal overdraft = new BigDecimal(i % 2 == 0 ? "0.00" : "50.00");
      await(ledger.create(user, new BigDecimal("100.00"), overdraft));
      model.balances.put(user, new BigDecimal("100.00"));
      model.overdrafts.put(user, overdraft);
      users.add(user);
    }
    long next = 1;
    Map<Long, String> expected = new HashMap<>();
    List<Assignment> earlier = new ArrayList<>();
    for (int round = 0; round < 40; round++) {
      // Half of the rounds are harmless and take the short way, the others are anything.
      boolean harmless = random.nextBoolean();
      // A third of them are updates only, and most of these without a gap.
      boolean updates = random.nextInt(3) == 0;
      List<Assignment> batch = new ArrayList<>();
      List<NewTask> accepted = new ArrayList<>();
      for (int i = 1 + random.nextInt(30); i > 0; i--) {
        if (!earlier.isEmpty() && random.nextInt(updates ? 200 : 40) == 0) {
          batch.add(earlier.get(random.nextInt(earlier.size())));
        } else {
          Payload payload = payload(random, users, harmless, updates);
          batch.add(new Assignment(TaskId.of(term, next++), 1, 0, payload));
          accepted.add(new NewTask(payload, 0, 0, 0, 1));
        }
      }
      if (!accepted.isEmpty()) {
        long first = TaskId.of(term, next - accepted.size());
        await(tasks.accept(server, term, "alice", null, first, accepted));
      }
      for (Assignment each : batch) {
        if (!expected.containsKey(each.id())) {
          expected.put(each.id(), model.apply(each.payload()));
        }
      }
      earlier.addAll(batch);
      List<Outcome> outcomes = await(ledger.execute(server, term, "W1", batch));
      assertThat(outcomes)
          .as("seed %d round %d", seed, round)
          .allSatisfy(
              outcome -> {
                var result = Objects.requireNonNull(outcome.result());
                assertThat(result.status() + " " + result.balance())
                    .isEqualTo(expected.get(outcome.id()));
              });
      assertThat(outcomes.stream().map(Outcome::id).distinct().count())
          .isEqualTo(batch.stream().map(Assignment::id).distinct().count());
    }
    model.balances.forEach(
        (user, balance) ->
            assertThat(await(ledger.account(user)).orElseThrow().balance()).isEqualTo(balance));
    assertThat(await(ledger.audit()).ok()).isTrue();
  }

  private static Payload payload(
      Random random, List<String> users, boolean harmless, boolean update) {
    String user = users.get(harmless ? 1 + random.nextInt(4) : random.nextInt(5));
    int choice = update ? 2 + random.nextInt(8) : random.nextInt(14);
    if (choice < 2) {
      return new Query(user);
    }
    if (choice >= 10) {
      List<String> others = users.stream().filter(each -> !each.equals(user)).toList();
      String to = others.get(harmless ? 1 + random.nextInt(3) : random.nextInt(others.size()));
      return new Transfer(user, to, AMOUNTS.get(random.nextInt(harmless ? 2 : 7)));
    }
    Operation operation =
        choice < 6 ? Operation.DEPOSIT : choice < 9 ? Operation.WITHDRAW : Operation.SET;
    return new Update(user, operation, AMOUNTS.get(random.nextInt(harmless ? 2 : 7)));
  }
}
