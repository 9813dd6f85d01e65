import static org.codelibs.opensearch.runner.OpenSearchRunner.newConfigs;

import java.nio.file.Path;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One node that keeps its data in a folder, and its snapshots below it. Arguments: folder, port. */
public class OpenSearchNode {
  public static void main(String[] args) throws Exception {
    String folder = args[0];
    String port = args[1];
    new OpenSearchRunner()
        .onBuild((number, settings) -> {
          settings.put("network.host", "127.0.0.1");
          settings.put("http.port", port);
          settings.put("transport.port", "0");
          settings.put("discovery.type", "single-node");
          settings.putList("path.repo", Path.of(folder, "snapshots").toString());
        })
        .build(newConfigs().clusterName("lcb-test").numOfNode(1).basePath(Path.of(folder, "node").toString()));
    Thread.currentThread().join();
  }
}
