package dev.batuta.simulation.control;

import dev.batuta.election.Policy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A story: what is done to some servers and when, and the trace of what they do about it. A file
 * has the form
 *
 * <pre>
 * # What it teaches
 * servers a b c                ranks are given in the order of their starts
 * policy lowest-rank           the default is highest-rank
 * show clocks                  the default is to show elections only
 * from 5                       what was before is not shown
 * at 0    start a b c
 * at 5    kill c               also: stop, pause, resume, ask
 * at 6    cut a>b              also: heal; {@code <>} cuts both directions
 * at 6    lose OK c>b          the next message of this kind
 * at 7    database down        also: up, cut a, heal a
 * at 8    write c 1            what c had decided under epoch 1 reaches the database
 * at 8    skew a 3600          seconds
 * until 10
 * trace
 * ..
 * </pre>
 */
final class Scenario {
  private static final String TRACE = "trace";
  private static final double MICROS = 1e6;

  private final List<String> head = new ArrayList<>();
  private final List<String> expected = new ArrayList<>();
  private final List<String> trace = new ArrayList<>();
  private List<String> names = List.of();
  private Policy policy = Policy.HIGHEST_RANK;
  private boolean clocks;
  private double from;

  Scenario(String text) {
    List<String> into = head;
    for (String line : text.lines().toList()) {
      into.add(line);
      if (line.strip().equals(TRACE)) {
        into = expected;
      }
    }
  }

  /** The trace that the file has. */
  String expected() {
    return String.join("\n", expected);
  }

  /** The file with another trace. */
  String withTrace(String other) {
    return String.join("\n", head) + "\n" + other + "\n";
  }

  /** Plays it, and tells what happened. */
  String play() {
    List<String[]> steps = new ArrayList<>();
    double until = 0;
    for (String line : head) {
      String[] words = line.replaceAll("#.*", "").strip().split("\\s+");
      switch (words[0]) {
        case "servers" -> names = Arrays.asList(words).subList(1, words.length);
        case "policy" ->
            policy = Policy.valueOf(words[1].toUpperCase(Locale.ROOT).replace('-', '_'));
        case "from" -> from = Double.parseDouble(words[1]);
        case "show" -> clocks = words[1].equals("clocks");
        case "at" -> steps.add(words);
        case "until" -> until = Double.parseDouble(words[1]);
        case "", TRACE -> {}
        default -> throw new IllegalArgumentException("what is meant by: " + line);
      }
    }
    World world = new World(1, names, policy, Mutation.NONE, trace);
    world.makeEven();
    for (String[] words : steps) {
      String[] action = Arrays.copyOfRange(words, 2, words.length);
      world.timeline.after(
          (long) (Double.parseDouble(words[1]) * MICROS), () -> act(world, action));
    }
    world.runUntilMicros((long) (until * MICROS));
    return trace.stream().filter(this::isShown).collect(Collectors.joining("\n"));
  }

  private boolean isShown(String line) {
    double at = Double.parseDouble(line.substring(0, 8).strip());
    boolean wanted = clocks == line.contains("Berkeley round") || line.contains("----");
    return at >= from && wanted;
  }

  private static void act(World world, String[] action) {
    world.note("----", String.join(" ", action), "");
    String[] objects = Arrays.copyOfRange(action, 1, action.length);
    switch (action[0]) {
      case "start" -> each(world, objects).forEach(SimulatedServer::start);
      case "kill" -> each(world, objects).forEach(SimulatedServer::kill);
      case "stop" -> each(world, objects).forEach(SimulatedServer::stop);
      case "pause" -> each(world, objects).forEach(SimulatedServer::pause);
      case "resume" -> each(world, objects).forEach(SimulatedServer::resume);
      case "write" -> world.server(objects[0]).election().write(Long.parseLong(objects[1]));
      case "ask" -> each(world, objects).forEach(each -> each.election().ask());
      case "cut" -> links(world, objects, world.network::cut);
      case "heal" -> links(world, objects, world.network::heal);
      case "lose" ->
          links(
              world,
              Arrays.copyOfRange(objects, 1, objects.length),
              (from, to) -> world.network.loseNext(objects[0], from, to));
      case "database" -> database(world, objects);
      case "skew" ->
          world.server(objects[0]).setClock((long) (Double.parseDouble(objects[1]) * MICROS), 0);
      default -> throw new IllegalArgumentException("nobody can " + action[0]);
    }
  }

  private static void database(World world, String[] words) {
    switch (words[0]) {
      case "down" -> world.database.down(true);
      case "up" -> world.database.down(false);
      case "cut" -> world.database.cut(world.server(words[1]).index(), true);
      case "heal" -> world.database.cut(world.server(words[1]).index(), false);
      default -> throw new IllegalArgumentException("a database cannot " + words[0]);
    }
  }

  private static List<SimulatedServer> each(World world, String[] servers) {
    return Arrays.stream(servers).map(world::server).toList();
  }

  @FunctionalInterface
  private interface Link {
    void change(int from, int to);
  }

  private static void links(World world, String[] links, Link change) {
    for (String link : links) {
      boolean both = link.contains("<>");
      String[] ends = link.split("<?>", 2);
      int from = world.server(ends[0]).index();
      int to = world.server(ends[1]).index();
      change.change(from, to);
      if (both) {
        change.change(to, from);
      }
    }
  }
}
