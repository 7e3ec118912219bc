package dev.batuta.database;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A way to a database on loopback that can be cut and mended: connections break, as in an outage.
 */
public final class DatabaseLink implements AutoCloseable {
  private final Vertx vertx;
  private final DatabaseAddress target;
  private final NetServer server;

  /** One for all: in Vert.x 5 a client that nobody refers to is closed, with its connections. */
  private final NetClient toDatabase;

  private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
  private final Set<NetSocket> answering = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  private DatabaseLink(Vertx vertx, DatabaseAddress target) {
    this.vertx = vertx;
    this.target = target;
    this.toDatabase = vertx.createNetClient();
    this.server = vertx.createNetServer().connectHandler(this::accepted);
  }

  public static DatabaseLink to(DatabaseAddress target) {
    DatabaseLink link = new DatabaseLink(Vertx.vertx(), target);
    TestDatabase.await(link.server.listen(0, "127.0.0.1"));
    return link;
  }

  /** Where the database is, by this way. */
  public DatabaseAddress address() {
    return new DatabaseAddress(
        "127.0.0.1", server.actualPort(), target.database(), target.user(), target.password());
  }

  /** Breaks all connections and takes no more. */
  public void cut() {
    cut = true;
    open.forEach(NetSocket::close);
  }

  /** What is open stays so, and nothing passes any more, as after a cut that nobody notices. */
  public void mute() {
    open.forEach(NetSocket::pause);
    answering.forEach(NetSocket::pause);
  }

  public void mend() {
    cut = false;
  }

  public boolean isCut() {
    return cut;
  }

  private void accepted(NetSocket client) {
    if (cut) {
      client.close();
      return;
    }
    client.pause();
    toDatabase
        .connect(target.port(), target.host())
        .onSuccess(database -> join(client, database))
        .onFailure(why -> client.close());
  }

  private void join(NetSocket client, NetSocket database) {
    open.add(client);
    answering.add(database);
    client.closeHandler(
        closed -> {
          open.remove(client);
          answering.remove(database);
          database.close();
        });
    database.closeHandler(closed -> client.close());
    Future.any(client.pipeTo(database), database.pipeTo(client));
    client.resume();
  }

  @Override
  public void close() {
    TestDatabase.await(vertx.close());
  }
}
