package dev.batuta.bus;

import dev.batuta.bus.Trace.Event;
import dev.batuta.bus.Trace.What;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Checks recorded traces against the clock condition (Lamport 1978): events of a node happen under
 * growing clocks, and a message is received under a clock above the one it was sent under.
 *
 * @param matched receives whose send is in the trace of its sender
 * @param violations a sentence for each
 */
public record TraceCheck(int sends, int receives, int matched, List<String> violations) {

  /** Checks what was recorded of several nodes, by name, each in its own order and without gaps. */
  public static TraceCheck of(Map<String, List<Event>> traces) {
    List<String> violations = new ArrayList<>();
    Map<String, TreeMap<Long, Event>> sends = new TreeMap<>();
    int receives = 0;
    for (var trace : traces.entrySet()) {
      TreeMap<Long, Event> ofNode = new TreeMap<>();
      sends.put(trace.getKey(), ofNode);
      long before = 0;
      for (Event event : trace.getValue()) {
        if (event.clock() <= before) {
          violations.add(trace.getKey() + " does not go on after " + before + ": " + event);
        }
        before = event.clock();
        if (event.what() == What.RECEIVE) {
          receives++;
        } else if (event.sent() != event.clock() || !event.sender().equals(trace.getKey())) {
          violations.add(trace.getKey() + " sends under another name or clock: " + event);
        } else {
          ofNode.put(event.clock(), event);
        }
      }
    }
    int matched = 0;
    for (var trace : traces.entrySet()) {
      for (Event event : trace.getValue()) {
        if (event.what() == What.RECEIVE && hasSend(event, traces, sends, violations)) {
          matched++;
        }
      }
    }
    int sent = sends.values().stream().mapToInt(Map::size).sum();
    return new TraceCheck(sent, receives, matched, violations);
  }

  private static boolean hasSend(
      Event receive,
      Map<String, List<Event>> traces,
      Map<String, TreeMap<Long, Event>> sends,
      List<String> violations) {
    if (receive.clock() <= receive.sent()) {
      violations.add("not later than its send: " + receive);
    }
    List<Event> ofSender = traces.getOrDefault(receive.sender(), List.of());
    if (ofSender.isEmpty()
        || receive.sent() < ofSender.getFirst().clock()
        || receive.sent() > ofSender.getLast().clock()) {
      return false; // sent before or after what was recorded there
    }
    Event send = sends.getOrDefault(receive.sender(), new TreeMap<>()).get(receive.sent());
    if (send == null || !send.type().equals(receive.type())) {
      violations.add("never sent: " + receive + "; under that clock: " + send);
      return false;
    }
    return true;
  }
}
