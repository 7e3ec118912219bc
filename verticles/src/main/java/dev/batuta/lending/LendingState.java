package dev.batuta.lending;

import dev.batuta.codec.LendingMessage;
import java.util.Map;

/**
 * What a master remembers of its lending. Whom it has borrowed is not here: that is in its farm,
 * where every worker says itself to whom it belongs, so that the two cannot disagree.
 *
 * @param number of the last request
 * @param lookAtMillis when queue and thresholds are compared next
 * @param calm comparisons in a row that found little to do
 * @param requests that are not answered, by peer
 * @param coming workers that a peer lent and that are not here yet
 * @param releases borrowed workers that are being given back
 * @param loans own workers that are told to go and are still here
 * @param away own workers that went, until they are back
 * @param answers the last one to each borrower, so that a repeated request gets the same
 * @param refused until when peers that had none to spare are not asked
 * @param resting until when workers are left in peace that were sent here, or did not go
 */
public record LendingState(
    String self,
    Thresholds thresholds,
    long number,
    long lookAtMillis,
    int calm,
    Map<String, Request> requests,
    Map<String, Coming> coming,
    Map<String, Release> releases,
    Map<String, Loan> loans,
    Map<String, Away> away,
    Map<String, Answer> answers,
    Map<String, Long> refused,
    Map<String, Long> resting) {

  record Request(long number, int needed, int tries, long againAtMillis) {}

  record Coming(String lender, long untilMillis) {}

  /**
   * @param acknowledged whether the owner expects it, so that it may be told to go
   */
  record Release(
      String owner, long registration, boolean acknowledged, int tries, long againAtMillis) {}

  /**
   * @param leaving whether the worker was seen to prepare itself
   */
  record Loan(String borrower, long registration, int tries, long againAtMillis, boolean leaving) {}

  /**
   * @param released whether the borrower gave it back, and waits to hear that it arrived
   */
  record Away(String borrower, boolean released) {}

  record Answer(long number, LendingMessage message) {}

  /**
   * At the start of a server.
   *
   * @param number above all that this server used in earlier runs, or by chance
   */
  public static LendingState initial(String self, Thresholds thresholds, long number) {
    return new LendingState(
        self,
        thresholds,
        number,
        0,
        0,
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of());
  }
}
