// A terminal's way through access: decides by itself when to initialise, keeps its binding in its secure store, tells its
// route hook where to send from now on.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "net/client/client.hpp"
#include "protocols/access/terminal.hpp"

namespace tf::terminal {

struct AccessDevice {
  access::Identity identity;
  std::optional<access::Binding> binding;
};

// Sealed files, DIRECTORY/DID.SERVICE.access, like those of DeviceFiles.
class AccessFiles {
 public:
  AccessFiles(std::string directory, Secret<32> storage_key, Random& random)
      : directory_(std::move(directory)), key_(std::move(storage_key)), random_(random) {}
  [[nodiscard]] Status save(const AccessDevice& device) const;  // on disk when it returns
  // Code::not_found: never initialised; Code::integrity: altered, or sealed under another key.
  [[nodiscard]] Result<AccessDevice> load(const std::string& did, const std::string& service) const;

 private:
  [[nodiscard]] std::string path_of(const std::string& did, const std::string& service) const { return directory_ + "/" + did + "." + service + ".access"; }
  std::string directory_;
  Secret<32> key_;
  Random& random_;
};

// Rows 8 and 12 of the source's table: the way to the gateway at start and at expiry, and to the service's profile on the
// private side after success, where the service has one.
struct Route {
  std::string private_apn;  // empty: to the gateway
};

struct AccessPorts {
  const Clock& clock;
  Random& random;
  std::function<Status(const AccessDevice&)> save;
  std::function<Status(const Route&)> route;  // may be empty
};

// Data only that business service can read: a JWE (dir, A256GCM) under the key derived for it.
Result<std::string> seal_for_service(const AccessDevice& device, const std::string& client, ByteView data, Random& random);

// What the device shows on the data channel.
Result<net::Psk> channel_psk(const AccessDevice& device);

// How messages reach the platform: target and body; an Error means that no answer came.
using AccessExchange = std::function<Result<net::HttpResponse>(const std::string& target, const std::string& body)>;
AccessExchange over(net::HttpClient client);

class AccessClient {
 public:
  AccessClient(AccessExchange exchange, AccessPorts ports) : exchange_(std::move(exchange)), ports_(std::move(ports)) {}

  // The gateway and the platform behind it answer.
  [[nodiscard]] bool reachable() { return challenge(access::ChallengePurpose::initialise).has_value(); }
  // S202–S204. A binding that the device holds agrees to the new number or Did. Code::refused "access.<reason of the page>" when the platform refuses; the old binding stays until a new
  // one is stored.
  Status initialise(AccessDevice& device);
  // S201, S211–S213: initialises first where there is no key or its time is over, and once more where the platform asks
  // for it. The ticket.
  Result<std::string> authenticate(AccessDevice& device);

 private:
  Result<std::string> post(std::string_view route, const std::string& body);
  Result<access::Challenge> challenge(access::ChallengePurpose purpose);
  Result<access::Challenge> challenge_for(const access::Identity& identity, access::ChallengePurpose purpose);
  Result<access::Authenticated> authenticate_once(AccessDevice& device);
  Status take_route(const Route& route);
  Status to_private_side(const std::string& profile);

  AccessExchange exchange_;
  AccessPorts ports_;
};

}  // namespace tf::terminal
