// What a module remembers besides its keys, and the sealed file it is kept in: DIRECTORY/DSIM_ID.module, replaced atomically at each
// change. In the clear: the kind of module and what its chip keeps outside itself (wrapped keys); all that is also the associated data
// of the rest, which is under AES-256-GCM. Private to module.
#pragma once
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ports.hpp"
#include "module/module.hpp"

namespace tf::module {

struct Held {
  std::string imsi;
  std::string iccid;
  Bytes note;
  Bytes sealed;  // crypto::AkaKey's octets, by the chip
};

struct State {
  std::uint64_t generation = 0;  // the chip's counter
  std::array<std::vector<pki::Certificate>, 2> chains{};
  std::array<std::optional<Held>, 2> slots{};
  std::map<Hash256, crypto::UsimSequence> sequences{};  // by crypto::sequence_owner, of all credentials that were ever held
  std::map<std::string, SecretBytes, std::less<>> records{};
  [[nodiscard]] State clone() const;
};

class StateFile {
 public:
  struct Outside {
    Bytes chip;        // what the chip keeps outside
    Bytes sealed;
  };
  // Code::not_found "module.no_module"; Code::integrity "module.state"; Code::invalid "module.kind" for a module of another kind.
  static Result<Outside> read(const std::string& directory, std::string_view dsim_id, std::string_view kind);
  static Status write(const std::string& path, std::string_view kind, const Outside& outside);
  static Status remove(const std::string& directory, std::string_view dsim_id);
  static std::string path_of(const std::string& directory, std::string_view dsim_id);

  // chip: what is written as Outside::chip; key: what the rest is sealed under.
  StateFile(std::string path, std::string dsim_id, std::string kind, Bytes chip, Secret<32> key, Random& random)
      : path_(std::move(path)), dsim_id_(std::move(dsim_id)), kind_(std::move(kind)), chip_(std::move(chip)), key_(std::move(key)), random_(random) {}
  [[nodiscard]] Status save(const State& state) const;
  [[nodiscard]] Result<State> open(ByteView sealed) const;
  [[nodiscard]] const std::string& dsim_id() const { return dsim_id_; }

 private:
  [[nodiscard]] Bytes associated_data() const;
  std::string path_;
  std::string dsim_id_;
  std::string kind_;
  Bytes chip_;
  Secret<32> key_;
  Random& random_;
};

// One process at a time has a module open.
class OpenLock {
 public:
  static Result<OpenLock> take(const std::string& directory, std::string_view dsim_id);  // Code::conflict "module.in_use"
  OpenLock(OpenLock&& other) noexcept;
  OpenLock& operator=(OpenLock&&) = delete;
  ~OpenLock();

 private:
  explicit OpenLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};
// Before a module is made: a good name, its directory there, and nothing in the way. Code::invalid "module.dsim_id", Code::conflict "module.exists".
Result<OpenLock> lock_for_new(const std::string& directory, std::string_view dsim_id);
Result<OpenLock> lock_for_existing(const std::string& directory, std::string_view dsim_id);  // Code::not_found "module.no_module"

}  // namespace tf::module
