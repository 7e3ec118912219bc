package dev.batuta.gateway.foreign;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a master asked and was not answered yet, each by what its answer will be known by. Several
 * may be alike. Belongs to the event loop of the door.
 */
final class Unanswered<K> {
  /** Beyond, the one that was asked first makes room. */
  static final int MAX = 64;

  record Question<K>(K key, Talk talk) {}

  private final Deque<Question<K>> questions = new ArrayDeque<>();

  /**
   * One more.
   *
   * @return what has to be answered now to make room, null while there is some
   */
  @Nullable Question<K> add(K key, Talk talk) {
    questions.addLast(new Question<>(key, talk));
    return questions.size() > MAX ? questions.removeFirst() : null;
  }

  /** Who waits for this answer, the first of several; null when nobody does. */
  @Nullable Talk take(K key) {
    return take(question -> question.key().equals(key));
  }

  /** Whether this one still waits for this answer; it does not any more. */
  boolean giveUp(K key, Talk talk) {
    return take(question -> question.key().equals(key) && question.talk() == talk) != null;
  }

  private @Nullable Talk take(Predicate<Question<K>> which) {
    Iterator<Question<K>> each = questions.iterator();
    while (each.hasNext()) {
      Question<K> question = each.next();
      if (which.test(question)) {
        each.remove();
        return question.talk();
      }
    }
    return null;
  }
}
