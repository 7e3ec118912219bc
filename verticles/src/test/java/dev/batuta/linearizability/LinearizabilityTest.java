package dev.batuta.linearizability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Result;
import dev.batuta.codec.TaskMessage.Status;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.linearizability.Account.Change;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearizabilityTest {
  private static final long NEVER = dev.batuta.linearizability.Operation.NEVER;
  private final List<dev.batuta.linearizability.Operation> history = new ArrayList<>();
  private final Map<String, Account> ledger = new HashMap<>();

  private void account(String user, String opening) {
    account(user, opening, "0.00");
  }

  private void account(String user, String opening, String overdraft) {
    BigDecimal balance = new BigDecimal(opening);
    ledger.put(
        user,
        new Account(
            user,
            new BigDecimal(overdraft),
            new ArrayList<>(List.of(new Change("0", balance, balance)))));
  }

  private List<Change> changes(String user) {
    return Objects.requireNonNull(ledger.get(user), user).changes();
  }

  /** An entry as the ledger has it. */
  private void entry(String user, String task, String amount) {
    List<Change> changes = changes(user);
    BigDecimal change = new BigDecimal(amount);
    changes.add(new Change(task, change, changes.getLast().balance().add(change)));
  }

  private void did(String task, Payload payload, long called, long answered, Result result) {
    history.add(new dev.batuta.linearizability.Operation(task, payload, called, answered, result));
  }

  private void unknown(String task, Payload payload, long called) {
    history.add(new dev.batuta.linearizability.Operation(task, payload, called, NEVER, null));
  }

  private static Result ok(String balance) {
    return new Result(Status.OK, balance, null);
  }

  private static Result nok(String balance) {
    return new Result(Status.NOK, balance, "insufficient funds");
  }

  private static Update deposit(String amount) {
    return new Update("a", Operation.DEPOSIT, amount);
  }

  private static Update withdraw(String amount) {
    return new Update("a", Operation.WITHDRAW, amount);
  }

  private Optional<String> check() {
    return Linearizability.check(history, ledger.values());
  }

  @Test
  void whatOverlapsMayHaveHappenedInTheOrderOfTheEntries() {
    account("a", "10.00");
    did("1", deposit("1"), 0, 100, ok("13.00"));
    did("2", deposit("2"), 10, 20, ok("12.00"));
    did("3", new Query("a"), 5, 15, ok("10.00"));
    did("4", new Query("a"), 30, 40, ok("13.00"));
    did("5", withdraw("20"), 50, 120, nok("13.00"));
    entry("a", "2", "2");
    entry("a", "1", "1");
    assertThat(check()).isEmpty();
  }

  @Test
  void aLostUpdateIsFound() {
    account("a", "10.00");
    did("1", deposit("1"), 0, 10, ok("11.00"));
    did("2", deposit("2"), 0, 10, ok("12.00"));
    entry("a", "1", "1");
    assertThat(check()).hasValueSatisfying(why -> assertThat(why).contains("it is lost"));
    // Also when its entry is there, but the balance was computed without the other one.
    changes("a").add(new Change("2", new BigDecimal("2"), new BigDecimal("12.00")));
    assertThat(check()).hasValueSatisfying(why -> assertThat(why).contains("made Change"));
  }

  @Test
  void aStaleReadIsFound() {
    account("a", "10.00");
    did("1", deposit("1"), 0, 10, ok("11.00"));
    did("2", new Query("a"), 20, 30, ok("10.00"));
    entry("a", "1", "1");
    assertThat(check()).hasValueSatisfying(why -> assertThat(why).contains("never was"));
  }

  @Test
  void aReadOfWhatComesLaterIsFound() {
    account("a", "10.00");
    did("1", new Query("a"), 0, 10, ok("11.00"));
    did("2", deposit("1"), 20, 30, ok("11.00"));
    entry("a", "2", "1");
    assertThat(check()).hasValueSatisfying(why -> assertThat(why).contains("before it was called"));
  }

  @Test
  void readsThatSeeABalanceComeAndGoAreFound() {
    account("a", "10.00");
    did("1", deposit("1"), 0, 100, ok("11.00"));
    did("2", new Query("a"), 10, 20, ok("11.00"));
    did("3", new Query("a"), 30, 40, ok("10.00"));
    entry("a", "1", "1");
    assertThat(check()).isPresent();
  }

  @Test
  void aDoubledEffectIsFound() {
    account("a", "10.00");
    did("1", deposit("1"), 0, 10, ok("11.00"));
    entry("a", "1", "1");
    entry("a", "1", "1");
    assertThat(check()).hasValueSatisfying(why -> assertThat(why).contains("twice"));
  }

  @Test
  void anEffectThatNobodyAskedForIsFound() {
    account("a", "10.00");
    entry("a", "7", "1");
    assertThat(check()).hasValueSatisfying(why -> assertThat(why).contains("nobody asked"));
  }

  @Test
  void changesInAnotherOrderThanTheirClientsSawAreFound() {
    account("a", "10.00");
    did("1", deposit("1"), 0, 10, ok("13.00"));
    did("2", deposit("2"), 20, 30, ok("12.00"));
    entry("a", "2", "2");
    entry("a", "1", "1");
    assertThat(check()).hasValueSatisfying(why -> assertThat(why).contains("before it was called"));
  }

  @Test
  void aRefusalOfWhatSufficedIsFound() {
    account("a", "10.00");
    did("1", withdraw("10"), 0, 10, nok("10.00"));
    assertThat(check()).hasValueSatisfying(why -> assertThat(why).contains("was refused with"));
  }

  @Test
  void anOverdraftIsFound() {
    account("a", "10.00");
    did("1", withdraw("10.01"), 0, 10, ok("-0.01"));
    entry("a", "1", "-10.01");
    assertThat(check()).hasValueSatisfying(why -> assertThat(why).contains("overdrew"));
  }

  @Test
  void whatIsUnknownTookEffectLateOrNeverButNotBeforeItsCall() {
    account("a", "10.00");
    unknown("1", deposit("1"), 0);
    unknown("2", deposit("2"), 0);
    did("3", new Query("a"), 100, 110, ok("10.00"));
    did("4", new Query("a"), 200, 210, ok("12.00"));
    entry("a", "2", "2");
    assertThat(check()).isEmpty();
    history.removeIf(operation -> operation.task().equals("2"));
    unknown("2", deposit("2"), 300);
    assertThat(check()).isPresent();
  }

  @Test
  void halfATransferIsFound() {
    account("a", "10.00");
    account("b", "0.00");
    unknown("1", new Transfer("a", "b", "1"), 0);
    entry("a", "1", "-1");
    assertThat(check()).hasValueSatisfying(why -> assertThat(why).contains("only"));
    entry("b", "1", "1");
    assertThat(check()).isEmpty();
  }

  @Test
  void transfersThatTwoAccountsSawInTwoOrdersAreFound() {
    account("a", "10.00");
    account("b", "10.00");
    did("1", new Transfer("a", "b", "1"), 0, 100, ok("9.00"));
    did("2", new Transfer("b", "a", "2"), 0, 100, ok("8.00"));
    entry("a", "1", "-1");
    entry("a", "2", "2");
    entry("b", "2", "-2");
    entry("b", "1", "1");
    assertThat(check()).hasValueSatisfying(why -> assertThat(why).contains("circle"));
  }

  /** Each account alone is in order; together they are not. */
  @Test
  void readsOfTwoAccountsThatCutATransferInHalfAreFound() {
    account("a", "10.00");
    account("b", "0.00");
    did("1", new Transfer("a", "b", "1"), 0, 100, ok("9.00"));
    did("2", new Query("a"), 10, 20, ok("9.00"));
    did("3", new Query("b"), 30, 40, ok("0.00"));
    entry("a", "1", "-1");
    entry("b", "1", "1");
    assertThat(check()).isPresent();
  }

  @Test
  void itAgreesWithASearchThroughAllOrders() {
    int accepted = 0;
    for (long seed = 0; seed < 4000; seed++) {
      history.clear();
      ledger.clear();
      draw(new Random(seed));
      boolean expected = Exhaustive.explains(history, List.copyOf(ledger.values()));
      assertThat(check().isEmpty()).as("seed %d: %s %s", seed, history, ledger).isEqualTo(expected);
      accepted += expected ? 1 : 0;
    }
    assertThat(accepted).isBetween(1000, 3500);
  }

  /** Operations that happen one after another, and answers that are a little off, or not. */
  private void draw(Random random) {
    List<String> users = List.of("a", "b", "c");
    users.forEach(user -> account(user, "3.00", "100.00"));
    int count = 2 + random.nextInt(8);
    int off = random.nextInt(4);
    for (int i = 1; i <= count; i++) {
      String task = Integer.toString(i);
      String user = users.get(random.nextInt(3));
      String other = users.get((users.indexOf(user) + 1 + random.nextInt(2)) % 3);
      Payload payload =
          switch (random.nextInt(4)) {
            case 0 -> new Transfer(user, other, "1");
            case 1 -> new Update(user, Operation.DEPOSIT, "1");
            default -> new Query(user);
          };
      // Few balances, so that reads have several places to go to.
      if (payload instanceof Transfer) {
        entry(user, task, "-1");
        entry(other, task, "1");
      } else if (payload instanceof Update) {
        entry(user, task, "1");
      }
      BigDecimal balance = changes(user).getLast().balance();
      if (payload instanceof Query && random.nextInt(6) < off) {
        balance = balance.add(BigDecimal.valueOf(random.nextInt(3) - 1));
      }
      long at = 10L * i;
      long called = at - random.nextInt(40);
      long answered = random.nextInt(8) == 0 ? NEVER : at + random.nextInt(40);
      if (random.nextInt(8) < off) {
        called = at + 1 + random.nextInt(15);
        answered = called + random.nextInt(20);
      }
      did(task, payload, called, answered, ok(balance.toPlainString()));
    }
    assertThat(history).hasSize(count);
    assertThat(Arrays.asList(ledger.keySet().toArray())).hasSize(3);
  }

  /** A hundred thousand operations are checked in well under a minute. */
  @Test
  void aLongHistoryIsCheckedInOneGo() {
    Random random = new Random(1);
    List<String> users = List.of("a", "b", "c", "d", "e");
    users.forEach(user -> account(user, "1000000.00"));
    for (int i = 1; i <= 100_000; i++) {
      String task = Integer.toString(i);
      String user = users.get(random.nextInt(5));
      String other = users.get((users.indexOf(user) + 1) % 5);
      Payload payload =
          switch (random.nextInt(3)) {
            case 0 -> new Transfer(user, other, "1");
            case 1 -> new Update(user, Operation.DEPOSIT, "1");
            default -> new Query(user);
          };
      if (payload instanceof Transfer) {
        entry(user, task, "-1");
        entry(other, task, "1");
      } else if (payload instanceof Update) {
        entry(user, task, "1");
      }
      long at = 10L * i;
      did(
          task,
          payload,
          at - random.nextInt(300),
          at + random.nextInt(300),
          ok(changes(user).getLast().balance().toPlainString()));
    }
    assertThat(check()).isEmpty();
  }
}
