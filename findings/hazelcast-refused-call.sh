#!/bin/sh
# A call that Hazelcast's members refuse is repeated for two minutes, whatever its timeout says.
#
# Part:      com.hazelcast:hazelcast 5.3.8, as vertx-hazelcast 5.0.10 brings it.
# Guess:     with hazelcast.operation.call.timeout.millis = 5000 a look-up in a MultiMap ends within some
#            seconds, if only with an error.
# Seen:      it ends after 116 to 125 s, where each try is answered at once with an error that Hazelcast takes for
#            a passing one: 250 tries (hazelcast.invocation.max.retry.count), 500 ms apart
#            (hazelcast.invocation.retry.pause.millis). With 30 tries, 250 ms apart, after about 5 s.
# Why it matters: the registry of Vert.x's event bus holds a read lock during such a look-up, and whoever waits for the
#            write lock keeps all other look-ups out. While members disagree about who is one, which a process that
#            hung brings about, all look-ups of a node stood for more than a minute.
#
# Valid input only: three members in one JVM, of which one is stopped while the state of the cluster says that nobody
# takes over what it owns. Needs a JDK 17 or newer, Maven and the network; some three minutes. Exit 1 if it changes.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >pom.xml <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>com.hazelcast</groupId>
      <artifactId>hazelcast</artifactId>
      <version>5.3.8</version>
    </dependency>
  </dependencies>
</project>
POM

cat >RefusedCall.java <<'JAVA'
import com.hazelcast.cluster.ClusterState;
import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;

class RefusedCall {
  static Config config(String tries, String pause) {
    Config config = new Config();
    config.setClusterName("finding-" + tries);
    config.setProperty("hazelcast.logging.type", "none");
    config.setProperty("hazelcast.phone.home.enabled", "false");
    config.setProperty("hazelcast.operation.call.timeout.millis", "5000");
    config.setProperty("hazelcast.invocation.max.retry.count", tries);
    config.setProperty("hazelcast.invocation.retry.pause.millis", pause);
    config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
    var join = config.getNetworkConfig().getJoin();
    join.getAutoDetectionConfig().setEnabled(false);
    join.getMulticastConfig().setEnabled(false);
    join.getTcpIpConfig().setEnabled(true).addMember("127.0.0.1");
    return config;
  }

  static void freeze(HazelcastInstance member) throws InterruptedException {
    for (int tries = 0; ; tries++) {
      try {
        member.getCluster().changeClusterState(ClusterState.FROZEN);
        return;
      } catch (IllegalStateException migrating) {
        if (tries == 100) {
          throw migrating;
        }
        Thread.sleep(200);
      }
    }
  }

  /** Seconds that a look-up takes whose owner is gone. */
  static long seconds(String tries, String pause) throws InterruptedException {
    Config config = config(tries, pause);
    HazelcastInstance asker = Hazelcast.newHazelcastInstance(config);
    Hazelcast.newHazelcastInstance(config);
    HazelcastInstance owner = Hazelcast.newHazelcastInstance(config);
    String key = "a";
    var own = owner.getCluster().getLocalMember();
    asker.getMultiMap("map").put(key, "value");
    freeze(asker);
    while (!own.equals(asker.getPartitionService().getPartition(key).getOwner())) {
      key += "a";
    }
    owner.getLifecycleService().terminate();
    long since = System.nanoTime();
    String end;
    try {
      end = String.valueOf(asker.getMultiMap("map").get(key));
    } catch (RuntimeException refused) {
      end = refused.getClass().getSimpleName();
    }
    long seconds = (System.nanoTime() - since) / 1_000_000_000;
    System.out.println(tries + " tries, " + pause + " ms apart: " + end + " after " + seconds + " s");
    return seconds;
  }

  public static void main(String[] args) throws InterruptedException {
    System.out.println("Hazelcast 5.3.8, hazelcast.operation.call.timeout.millis = 5000");
    boolean asSeen = seconds("250", "500") > 60 && seconds("30", "250") < 20;
    Hazelcast.shutdownAll();
    System.out.println(asSeen ? "as seen before" : "CHANGED");
    System.exit(asSeen ? 0 : 1);
  }
}
JAVA

mvn=$(command -v mvn || echo "${MVN:-}")
[ -n "$mvn" ] || { echo "Maven is missing: install it, or set MVN to it" >&2; exit 2; }
"$mvn" -q dependency:build-classpath -Dmdep.outputFile=classpath >/dev/null
java --add-modules java.se --add-exports java.base/jdk.internal.ref=ALL-UNNAMED --add-opens java.base/java.lang=ALL-UNNAMED \
  --add-opens java.base/sun.nio.ch=ALL-UNNAMED --add-opens java.management/sun.management=ALL-UNNAMED \
  --add-opens jdk.management/com.sun.management.internal=ALL-UNNAMED -cp "$(cat classpath)" RefusedCall.java
