// The thread on which certificates are signed, so that neither a caller's I/O thread nor the writer of the database does it. Private to ca.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "ca/certificate_authority.hpp"

namespace tf::ca {

// One certificate on its way.
struct CertificateAuthority::Work {
  IssueRequest request;
  const Authority& authority;  // one of the options
  pki::UnsignedLeaf leaf;
  Record record;
  Bytes der;
  Done<Issued> done;
};

class CertificateAuthority::Signer {
 public:
  static constexpr std::size_t kMost = 4096;  // certificates under way

  Signer() : thread_([this] { work(); }) {}
  ~Signer();  // when nothing is under way any more

  bool begin();  // false: too many are under way
  void end();
  void drain();
  void submit(std::move_only_function<void()> task);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable ready_, idle_;
  std::deque<std::move_only_function<void()>> queue_;
  std::size_t under_way_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tf::ca
