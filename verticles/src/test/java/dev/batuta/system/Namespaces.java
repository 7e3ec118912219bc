package dev.batuta.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A network whose links can be cut, one direction at a time: a bridge of this machine, and a
 * network namespace for each node (Linux, as root). Names and subnet are those of one run.
 *
 * <p>A cut loses packets silently, as a broken switch does: the sender's neighbour table says that
 * the other one's address is at a MAC that nobody has.
 */
final class Namespaces implements AutoCloseable {
  private static final String NOBODY = "02:00:00:00:00:99";
  private static final int DATABASE = 254;
  private static final int CLIENT = 253;
  private static final int SECONDS = 10;

  private final String id;
  private final String subnet;
  private final int nodes;

  private Namespaces(String id, String subnet, int nodes) {
    this.id = id;
    this.subnet = subnet;
    this.nodes = nodes;
  }

  /** Makes one; the test is skipped, with the reason, where that is not possible. */
  static Namespaces open(int nodes) {
    String id = "bt" + Integer.toHexString(ThreadLocalRandom.current().nextInt(0x1000, 0x10000));
    int second = ThreadLocalRandom.current().nextInt(64, 128);
    int third = ThreadLocalRandom.current().nextInt(256);
    Namespaces made = new Namespaces(id, "10." + second + "." + third + ".", nodes);
    try {
      made.build();
    } catch (IllegalStateException why) {
      made.close();
      Assumptions.abort("no network namespaces here: " + why.getMessage());
    }
    return made;
  }

  private void build() {
    run("ip", "link", "add", id, "type", "bridge");
    run("ip", "addr", "add", at(DATABASE) + "/24", "dev", id);
    run("ip", "addr", "add", at(CLIENT) + "/24", "dev", id);
    run("ip", "link", "set", id, "up");
    for (int node = 1; node <= nodes; node++) {
      String link = id + "v" + node;
      run("ip", "netns", "add", space(node));
      run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", space(node));
      run("ip", "link", "set", link, "master", id, "up");
      in(node, "ip", "link", "set", "lo", "up");
      in(node, "ip", "addr", "add", address(node) + "/24", "dev", "eth0");
      in(node, "ip", "link", "set", "eth0", "up");
    }
  }

  /** Of a node, numbered from 1. */
  String address(int node) {
    return at(node);
  }

  /** Where this machine offers a database to the nodes. */
  String databaseAddress() {
    return at(DATABASE);
  }

  /** From where a test talks to nodes; cutting them off the database leaves it alone. */
  String clientAddress() {
    return at(CLIENT);
  }

  /** A command that runs as a node. */
  List<String> command(int node, List<String> words) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", space(node)));
    all.addAll(words);
    return all;
  }

  /** From now on what a node sends to another one is lost. */
  void cut(int from, int to) {
    lose(from, address(to));
  }

  /** Cuts both directions. */
  void cutBoth(int one, int other) {
    cut(one, other);
    cut(other, one);
  }

  /** From now on what a node sends to the database is lost. */
  void cutOffDatabase(int node) {
    lose(node, databaseAddress());
  }

  /** Both directions work again. */
  void heal(int one, int other) {
    find(one, address(other));
    find(other, address(one));
  }

  /** Every link works again. */
  void healAll() {
    for (int node = 1; node <= nodes; node++) {
      in(node, "ip", "neigh", "flush", "dev", "eth0", "nud", "permanent");
    }
  }

  /** A node has another address from now on. */
  void renumber(int node) {
    in(node, "ip", "addr", "del", address(node) + "/24", "dev", "eth0");
    in(node, "ip", "addr", "add", at(100 + node) + "/24", "dev", "eth0");
  }

  private void lose(int node, String address) {
    in(
        node,
        "ip",
        "neigh",
        "replace",
        address,
        "lladdr",
        NOBODY,
        "dev",
        "eth0",
        "nud",
        "permanent");
  }

  private void find(int node, String address) {
    in(node, "ip", "neigh", "del", address, "dev", "eth0");
  }

  @Override
  public void close() {
    for (int node = 1; node <= nodes; node++) {
      attempt("ip", "netns", "del", space(node));
    }
    attempt("ip", "link", "del", id);
  }

  private String at(int last) {
    return subnet + last;
  }

  private String space(int node) {
    return id + "-" + node;
  }

  private void in(int node, String... words) {
    run(command(node, List.of(words)).toArray(String[]::new));
  }

  private static void run(String... words) {
    String said = attempt(words);
    if (!said.isEmpty()) {
      throw new IllegalStateException(String.join(" ", words) + ": " + said);
    }
  }

  /** What a command complained of, empty when it did its work. */
  private static String attempt(String... words) {
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "it did not end";
      }
      return process.exitValue() == 0 ? "" : "exit " + process.exitValue() + " " + said.strip();
    } catch (IOException why) {
      return String.valueOf(why.getMessage());
    } catch (InterruptedException why) {
      throw new UncheckedIOException(new IOException(why));
    }
  }
}
