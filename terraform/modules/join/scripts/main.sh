try 'the metadata of this machine' learn
join
try 'word to the cloud' ready
say "joined as $node"
