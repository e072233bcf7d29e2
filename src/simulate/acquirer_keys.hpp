// The simulated acquirer's side of the keys. It is a host of its own: the zone key comes from components on its command line,
// and it makes the working keys. Software for tests; a real host has these in its HSM.
#pragma once
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/banking/retail_mac.hpp"
#include "crypto/block_cipher.hpp"

namespace tf::simulate::acquirer {

class Keys {
 public:
  // XOR of the components, all of one size; AES 16, 24, 32 or TDES 16, 24 octets. Code::invalid "acquirer.components".
  static Result<Keys> make(const std::vector<SecretBytes>& components, crypto::BlockCipher cipher, crypto::MacPadding padding, Random& random);

  // New working keys, as field 48: key blocks of a ZPK (P0) and a ZAK (M3) under the zone key. The ones before still work.
  Result<std::string> renew();
  // Takes back what renew() gave, for a host that was started again.
  Status restore(const std::string& field_48);
  [[nodiscard]] std::string kcv() const { return kcv_; }  // of the zone key
  // Names a card in the journal: 16 hex digits that follow from its number and the zone key.
  [[nodiscard]] std::string fingerprint(ByteView pan) const;

  // Which keys made this MAC: 0 the newest, 1 those before. Nothing: none of them did.
  [[nodiscard]] std::optional<std::size_t> maker_of(ByteView data, ByteView mac) const;
  [[nodiscard]] Result<ByteArray<8>> mac(std::size_t which, ByteView data) const;
  // Is it the PIN in this format 0 block? False also for a block that does not open.
  [[nodiscard]] bool is_pin(std::size_t which, ByteView block, const SecretBytes& pan, std::string_view pin) const;

 private:
  struct Pair {
    SecretBytes pin, mac;
  };
  Keys(SecretBytes zone, char version, std::string kcv, crypto::MacPadding padding, Random& random)
      : zone_(std::move(zone)), version_(version), kcv_(std::move(kcv)), padding_(padding), random_(random) {}
  SecretBytes fresh_key();

  SecretBytes zone_;
  char version_;
  std::string kcv_;
  crypto::MacPadding padding_;
  Random& random_;
  std::vector<Pair> pairs_;  // newest first, at most two
};

// The PIN of a card at this host: its last four digits. A test can know it, and a PIN block on the wrong card is found out.
std::string test_pin(ByteView pan);

}  // namespace tf::simulate::acquirer
