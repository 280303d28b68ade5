try 'the metadata of this machine' learn
join
say "joined as $node"
