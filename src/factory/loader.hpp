// The loader (mother terminal): offline, in the factory's secure area. It receives DIK1 for a batch wrapped to its own key
// and an issuing certificate limited to that batch, and personalises devices one after another.
//
// Its directory: loader.keys (sealed: three private keys and the batches it received), loader.log (signed), root.crt.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "factory/batch_package.hpp"
#include "factory/loader_log.hpp"
#include "protocols/rki/personalisation.hpp"

namespace tf::factory {

// How the diversification factor is made: fresh for each device, or composed of loader, date and batch and shared by it.
enum class FactorKind { random, composed };

struct LoaderPorts {
  const Clock& clock;
  Random& random;
};

class Loader {
 public:
  // Makes the loader's keys. Code::conflict "factory.exists" when the directory holds a loader already.
  static Result<Loader> create(const std::string& directory, const std::string& name, const pki::Certificate& root,
                               const Secret<32>& storage_key, LoaderPorts ports);
  // Code::not_found without a loader there, Code::sealed "factory.storage_key" when the key is another one.
  static Result<Loader> open(const std::string& directory, const Secret<32>& storage_key, LoaderPorts ports);

  [[nodiscard]] Result<LoaderRequest> request() const;
  // Verifies and unwraps the package; kept sealed. Code::conflict when the batch is there already.
  Status receive(std::string_view package);
  // Personalises one device: refuses a DSN outside every batch, one that is in the log already, and a request whose key
  // is not proved.
  Result<rki::Personalisation> personalise(const rki::PersonalisationRequest& request, FactorKind kind);
  // The device has stored it: to the log.
  Status confirm(const wire::Dsn& dsn, const Hash256& certificate);

  struct Batch {
    wire::DsnRange range;
    SecretBytes classic_dik1;
    SecretBytes modern_dik1;
    std::vector<Bytes> issuing_chain;
  };
  [[nodiscard]] const std::map<std::string, Batch>& batches() const { return batches_; }
  [[nodiscard]] const LoaderLog& log() const { return log_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  struct Keys {
    crypto::PrivateKey wrap, issue, log;
  };
  Loader(std::string directory, std::string name, Keys keys, pki::Certificate root, LoaderLog log, Secret<32> storage_key, LoaderPorts ports)
      : directory_(std::move(directory)), name_(std::move(name)), keys_(std::move(keys)), root_(std::move(root)),
        log_(std::move(log)), storage_key_(std::move(storage_key)), ports_(ports) {}

  [[nodiscard]] Status save() const;
  [[nodiscard]] SecretBytes encode() const;
  static Result<Loader> decode(const std::string& directory, ByteView bytes, const Secret<32>& storage_key, LoaderPorts ports);
  [[nodiscard]] SecretBytes make_factor(const std::string& batch, FactorKind kind) const;
  [[nodiscard]] const std::pair<const std::string, Batch>* batch_for(const wire::Dsn& dsn) const;

  std::string directory_;
  std::string name_;
  Keys keys_;
  pki::Certificate root_;
  std::map<std::string, Batch> batches_;
  LoaderLog log_;
  Secret<32> storage_key_;
  LoaderPorts ports_;
};

}  // namespace tf::factory
